/// The look of a report, by day and by night.
enum PageStyle {
    static let css = """
        :root{color-scheme:light dark;--paper:#fbfbf9;--card:#fff;--ink:#1c2024;--soft:#626970;--grid:#e4e5e2;--good:#17764a;--bad:#b3261e;
        --c1:#1f6feb;--c2:#c2570c;--c3:#b3261e;--c4:#17764a;--c5:#7a5195}
        @media(prefers-color-scheme:dark){:root{--paper:#131517;--card:#1b1e21;--ink:#e8eaec;--soft:#9aa1a8;--grid:#2d3136;--good:#5fcf97;
        --bad:#ff8a80;--c1:#6cabff;--c2:#f2a260;--c3:#ff8a80;--c4:#5fcf97;--c5:#c39bdc}}
        *{box-sizing:border-box}
        body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.5 system-ui,sans-serif}
        main{max-width:1120px;margin:0 auto;padding:32px 20px 56px}
        h1{font-size:26px;line-height:1.2;margin:0 0 4px}h2{font-size:16px;margin:0}
        p{margin:2px 0;color:var(--soft)}
        .tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(128px,1fr));gap:12px;margin:22px 0}
        .tile,figure,section{background:var(--card);border:1px solid var(--grid);border-radius:10px}
        .tile{padding:12px 14px}.tile b{display:block;font-size:21px;font-variant-numeric:tabular-nums}
        .tile span{color:var(--soft);font-size:13px}.good b{color:var(--good)}.bad b{color:var(--bad)}
        .plots{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(500px,100%),1fr));gap:14px}
        figure{margin:0;padding:14px 16px 8px;min-width:0}figcaption p{font-size:13px}
        section{margin-top:14px;padding:14px 16px}
        .legend{display:flex;flex-wrap:wrap;gap:2px 16px;list-style:none;margin:6px 0 4px;padding:0;font-size:13px}
        .legend i{display:inline-block;width:12px;height:12px;border-radius:3px;margin-right:6px;vertical-align:-1px;background:var(--color)}
        .c1{--color:var(--c1)}.c2{--color:var(--c2)}.c3{--color:var(--c3)}.c4{--color:var(--c4)}.c5{--color:var(--c5)}
        svg{width:100%;height:auto;display:block}
        svg text{fill:var(--soft);font-size:12px;font-variant-numeric:tabular-nums}.up{text-anchor:end}.across{text-anchor:middle}
        .grid{stroke:var(--grid)}.line polyline{fill:none;stroke:var(--color);stroke-width:2;stroke-linejoin:round}
        .line.c5 polyline{stroke-dasharray:6 5}.line.c5 circle{display:none}.line circle{fill:var(--color)}.area{fill:var(--color);fill-opacity:.78}
        line.rule{stroke:var(--ink);stroke-dasharray:4 4}svg text.rule{fill:var(--ink)}
        .scroll{overflow-x:auto}table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums;margin-top:6px}
        th,td{padding:5px 10px;text-align:right;border-bottom:1px solid var(--grid);white-space:nowrap}
        th{color:var(--soft);font-weight:500;font-size:13px}th:first-child,td:first-child{text-align:left;padding-left:0}
        tr:last-child td{border-bottom:0}code{font:13px/1.5 ui-monospace,monospace;overflow-wrap:anywhere}
        """
}
