extension Statement {
    static let style = """
        :root { color-scheme: light dark; --rule: color-mix(in srgb, currentColor 18%, transparent);
          --shade: color-mix(in srgb, currentColor 5%, transparent); }
        body { font: 15px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2.5rem auto; padding: 0 1.25rem; }
        h1 { font-size: 1.6rem; line-height: 1.25; margin: 0; }
        h2 { font-size: 1.15rem; margin: 2.75rem 0 .5rem; display: flex; justify-content: space-between; gap: 1rem;
          overflow-wrap: anywhere; }
        h2 span { font-variant-numeric: tabular-nums; white-space: nowrap; }
        p { margin: .4rem 0; }
        table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
        th, td { padding: .35rem .6rem; text-align: right; border-bottom: 1px solid var(--rule); white-space: nowrap;
          vertical-align: top; }
        th { font-weight: 600; font-size: .85em; vertical-align: bottom; }
        th.part, td.part, .note { opacity: .7; }
        .name { text-align: left; white-space: normal; overflow-wrap: anywhere; padding-left: 0; min-width: 9rem; }
        th:last-child, td:last-child { padding-right: 0; }
        .text { text-align: left; white-space: normal; }
        .day { white-space: nowrap; }
        tfoot td { font-weight: 600; border-bottom: 0; border-top: 2px solid var(--rule); }
        tr.break th { text-align: left; padding: 1rem 0 .35rem; }
        .note { font-size: .85em; font-weight: 400; display: block; }
        .preliminary { border-left: 4px solid #d08700; background: var(--shade); padding: .6rem .9rem; margin: 1rem 0; }
        .scroll { overflow-x: auto; }
        footer { margin-top: 2.5rem; padding-top: .75rem; border-top: 1px solid var(--rule); font-size: .85em; opacity: .75; }
        @page { margin: 15mm; }
        @media print {
          body { margin: 0; padding: 0; max-width: none; font-size: 10.5px; }
          .scroll { overflow: visible; }
          section { break-before: page; }
          header + section { break-before: auto; }
          thead { display: table-header-group; }
          tr { break-inside: avoid; }
        }
        """
}
