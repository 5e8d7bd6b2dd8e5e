import Foundation

/// A plot as inline SVG; its colours are classes of the page's style.
struct Chart {
    struct Series {
        var name: String
        /// A class of the style: `c1` to `c5`.
        var color: String
        var points: [(x: Double, y: Double)]
        /// Filled down to these, point by point; nil draws a line.
        var floor: [Double]?
    }

    /// A line across, such as an objective or the point of saturation.
    struct Rule {
        var x: Double
        var text: String
    }

    var title: String
    var note: String
    var across: Axis
    var up: Axis
    var series: [Series]
    var rule: Rule?

    private static let (width, height) = (560.0, 250.0)
    private static let (left, right, top, bottom) = (60.0, 30.0, 12.0, 30.0)

    private func x(_ place: Double) -> Double { Self.left + place * (Self.width - Self.left - Self.right) }
    private func y(_ place: Double) -> Double { Self.height - Self.bottom - place * (Self.height - Self.top - Self.bottom) }

    var html: String {
        """
        <figure><figcaption><h2>\(HTML.escaped(title))</h2><p>\(HTML.escaped(note))</p>\(legend)</figcaption>
        <svg viewBox="0 0 \(Int(Self.width)) \(Int(Self.height))" role="img" aria-label="\(HTML.escaped(title))">
        \(grid)
        \(series.map(draw).joined(separator: "\n"))
        \(rule.map(draw) ?? "")
        </svg></figure>
        """
    }

    private var legend: String {
        "<ul class=\"legend\">" + series.map { "<li><i class=\"\($0.color)\"></i>\(HTML.escaped($0.name))</li>" }.joined() + "</ul>"
    }

    private var grid: String {
        let (start, end) = (Self.number(x(0)), Self.number(x(1)))
        let (low, high) = (Self.number(y(0)), Self.number(y(1)))
        let rows = up.marks.map { mark in
            let at = Self.number(y(mark.place))
            return """
                <line class="grid" x1="\(start)" x2="\(end)" y1="\(at)" y2="\(at)"/>\
                <text class="up" x="\(Self.number(x(0) - 8))" y="\(Self.number(y(mark.place) + 4))">\(mark.text)</text>
                """
        }
        let columns = across.marks.map { mark in
            let at = Self.number(x(mark.place))
            return """
                <line class="grid" x1="\(at)" x2="\(at)" y1="\(low)" y2="\(high)"/>\
                <text class="across" x="\(at)" y="\(Self.number(y(0) + 20))">\(mark.text)</text>
                """
        }
        return (rows + columns).joined(separator: "\n")
    }

    private func draw(_ series: Series) -> String {
        let upper = series.points.map { (x(across.place($0.x)), y(up.place($0.y))) }
        guard let floor = series.floor else {
            let dots =
                upper.count > 60
                ? "" : upper.map { "<circle cx=\"\(Self.number($0.0))\" cy=\"\(Self.number($0.1))\" r=\"2.4\"/>" }.joined()
            return "<g class=\"line \(series.color)\"><polyline points=\"\(Self.path(upper))\"/>\(dots)</g>"
        }
        let lower = zip(series.points, floor).map { (x(across.place($0.x)), y(up.place($1))) }
        return "<polygon class=\"area \(series.color)\" points=\"\(Self.path(upper + lower.reversed()))\"/>"
    }

    private func draw(_ rule: Rule) -> String {
        let place = across.place(rule.x)
        let at = Self.number(x(place))
        let isRight = place > 0.6
        return """
            <line class="rule" x1="\(at)" x2="\(at)" y1="\(Self.number(y(0)))" y2="\(Self.number(y(1)))"/>\
            <text class="rule" x="\(Self.number(x(place) + (isRight ? -6 : 6)))" y="\(Self.number(y(1) + 12))" \
            text-anchor="\(isRight ? "end" : "start")">\(HTML.escaped(rule.text))</text>
            """
    }

    private static func path(_ points: [(Double, Double)]) -> String {
        points.map { "\(number($0.0)),\(number($0.1))" }.joined(separator: " ")
    }

    private static func number(_ value: Double) -> String { String(format: "%.1f", value) }
}

/// Text inside a page.
enum HTML {
    static func escaped(_ text: String) -> String {
        var escaped = ""
        for character in text {
            switch character {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            default: escaped.append(character)
            }
        }
        return escaped
    }

    /// The first row is the header.
    static func table(_ rows: [[String]]) -> String {
        let lines = rows.enumerated().map { index, row in
            let cell = index == 0 ? "th" : "td"
            return "<tr>" + row.map { "<\(cell)>\(escaped($0))</\(cell)>" }.joined() + "</tr>"
        }
        return "<div class=\"scroll\"><table>\(lines.joined(separator: "\n"))</table></div>"
    }
}
