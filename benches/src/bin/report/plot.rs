//! Drawings of growth: times over sizes, both axes logarithmic, each line named at its end.

use std::fmt::Write;

/// One measurement.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Point {
    pub(crate) size: f64,
    pub(crate) low_ns: f64,
    pub(crate) median_ns: f64,
    pub(crate) high_ns: f64,
}

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 400.0;
const LEFT: f64 = 80.0;
const RIGHT: f64 = 180.0;
const TOP: f64 = 48.0;
const BOTTOM: f64 = 56.0;
/// Between the names of two lines that end at one height.
const LINE_HEIGHT: f64 = 16.0;

/// Told apart by people who see fewer colours too (Okabe and Ito); the dashes tell them apart in grey.
const STROKES: [(&str, &str); 5] = [
    ("#0072b2", "none"),
    ("#d55e00", "8 3"),
    ("#009e73", "2 3"),
    ("#cc79a7", "10 3 2 3"),
    ("#7a5c00", "5 5"),
];

/// A logarithmic axis.
#[derive(Clone, Copy)]
struct Axis {
    first: f64,
    last: f64,
    from: f64,
    to: f64,
}

impl Axis {
    fn at(self, value: f64) -> f64 {
        let part = (value / self.first).log10() / (self.last / self.first).log10();
        self.from + part * (self.to - self.from)
    }
}

/// The drawing as SVG, on white, so that it reads on pages of any colour.
pub(crate) fn draw(title: &str, sizes_of: &str, lines: &[(&str, Vec<Point>)]) -> String {
    let points = || lines.iter().flat_map(|(_, points)| points);
    let least = |value: fn(&Point) -> f64| points().map(value).fold(f64::INFINITY, f64::min);
    let most = |value: fn(&Point) -> f64| points().map(value).fold(0.0, f64::max);
    let lowest = least(|point| point.low_ns).log10().floor() as i32;
    let highest = (most(|point| point.high_ns).log10().ceil() as i32).max(lowest + 1);
    let across = Axis {
        first: least(|point| point.size),
        last: most(|point| point.size),
        from: LEFT,
        to: WIDTH - RIGHT,
    };
    let up = Axis {
        first: 10_f64.powi(lowest),
        last: 10_f64.powi(highest),
        from: HEIGHT - BOTTOM,
        to: TOP,
    };

    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" font-family=\"sans-serif\" font-size=\"13\" fill=\"#222\">\n\
         <title>{title}</title>\n\
         <rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"#fff\"/>\n"
    );
    text(
        &mut svg,
        LEFT,
        26.0,
        "start",
        &format!("<tspan font-weight=\"bold\">{title}</tspan>"),
    );
    for power in lowest..=highest {
        let y = up.at(10_f64.powi(power));
        stroke(&mut svg, [LEFT, y, WIDTH - RIGHT, y], "#ddd");
        text(&mut svg, LEFT - 8.0, y + 4.0, "end", &tick(power));
    }
    let mut sizes: Vec<_> = points().map(|point| point.size).collect();
    sizes.sort_by(f64::total_cmp);
    sizes.dedup();
    for size in sizes {
        let x = across.at(size);
        stroke(&mut svg, [x, TOP, x, HEIGHT - BOTTOM], "#ddd");
        text(
            &mut svg,
            x,
            HEIGHT - BOTTOM + 20.0,
            "middle",
            &size.to_string(),
        );
    }
    let middle = f64::midpoint(LEFT, WIDTH - RIGHT);
    text(&mut svg, middle, HEIGHT - 14.0, "middle", sizes_of);

    for ((_, points), (colour, dashes)) in lines.iter().zip(STROKES.iter().cycle()) {
        let mut way = String::new();
        for point in points {
            let (x, y) = (across.at(point.size), up.at(point.median_ns));
            let _ = write!(way, "{x:.1},{y:.1} ");
            stroke(
                &mut svg,
                [x, up.at(point.low_ns), x, up.at(point.high_ns)],
                colour,
            );
            let _ = writeln!(
                svg,
                "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3.5\" fill=\"{colour}\"/>"
            );
        }
        let _ = writeln!(
            svg,
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\" stroke-dasharray=\"{dashes}\"/>",
            way.trim_end()
        );
    }
    for (y, name, colour) in labels(lines, up) {
        let name = format!("<tspan fill=\"{colour}\">{name}</tspan>");
        text(&mut svg, WIDTH - RIGHT + 10.0, y + 4.0, "start", &name);
    }
    svg.push_str("</svg>\n");
    svg
}

/// The lines' names at their ends, moved apart where two would be written over one another.
fn labels<'a>(lines: &[(&'a str, Vec<Point>)], up: Axis) -> Vec<(f64, &'a str, &'static str)> {
    let ends = lines.iter().zip(STROKES.iter().cycle());
    let mut labels: Vec<_> = ends
        .filter_map(|((name, points), (colour, _))| {
            Some((up.at(points.last()?.median_ns), *name, *colour))
        })
        .collect();
    labels.sort_by(|(one, ..), (other, ..)| one.total_cmp(other));
    let mut free = f64::NEG_INFINITY;
    for (y, ..) in &mut labels {
        *y = y.max(free);
        free = *y + LINE_HEIGHT;
    }
    // What was pushed out at the bottom goes back up.
    let mut free = HEIGHT - BOTTOM;
    for (y, ..) in labels.iter_mut().rev() {
        *y = y.min(free);
        free = *y - LINE_HEIGHT;
    }
    labels
}

/// A power of ten of nanoseconds, as `10 ns` or `1 s`.
fn tick(power: i32) -> String {
    let (above, unit) = match power {
        9.. => (9, "s"),
        6..=8 => (6, "ms"),
        3..=5 => (3, "µs"),
        ..=2 => (0, "ns"),
    };
    format!("{} {unit}", 10_f64.powi(power - above))
}

fn text(svg: &mut String, x: f64, y: f64, anchor: &str, text: &str) {
    let _ = writeln!(
        svg,
        "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{text}</text>"
    );
}

fn stroke(svg: &mut String, [x1, y1, x2, y2]: [f64; 4], colour: &str) {
    let _ = writeln!(
        svg,
        "<line x1=\"{x1:.1}\" y1=\"{y1:.1}\" x2=\"{x2:.1}\" y2=\"{y2:.1}\" stroke=\"{colour}\"/>"
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(ns: f64) -> Vec<Point> {
        let point = |size| Point {
            size,
            low_ns: 0.99 * ns * size,
            median_ns: ns * size,
            high_ns: 1.01 * ns * size,
        };
        [10.0, 100.0, 1_000.0].map(point).into()
    }

    #[test]
    fn equal_growth_is_a_straight_line() {
        let svg = draw("title", "sizes", &[("one", line(2.0))]);
        let points = svg
            .split_once("points=\"")
            .and_then(|(_, rest)| rest.split_once('"'));
        let points: Vec<_> = points.map_or("", |(points, _)| points).split(' ').collect();
        assert_eq!(points, ["80.0,314.3", "310.0,215.6", "540.0,117.0"]);
    }

    #[test]
    fn names_are_not_written_over_one_another() {
        let lines = [
            ("one", line(1.0)),
            ("two", line(1.0)),
            ("three", line(1.01)),
        ];
        let axis = Axis {
            first: 1.0,
            last: 1e4,
            from: HEIGHT - BOTTOM,
            to: TOP,
        };
        let labels = labels(&lines, axis);
        let apart = |pair: &[(f64, &str, &str)]| pair[1].0 - pair[0].0 >= LINE_HEIGHT;
        assert!(labels.windows(2).all(apart), "{labels:?}");
    }

    #[test]
    fn ticks_are_powers_of_ten_in_their_units() {
        let ticks = [-1, 0, 2, 3, 7, 9, 10].map(tick);
        let expected = ["0.1 ns", "1 ns", "100 ns", "1 µs", "10 ms", "1 s", "10 s"];
        assert_eq!(ticks.each_ref().map(String::as_str), expected);
    }
}
