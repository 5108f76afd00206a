//! The pictures: a title, a description, a table with the same numbers, shapes that need no colour, texts that
//! stay inside; and what cannot be drawn.

use super::*;
use counterpart::report::figures::{Figure, Scene};
use counterpart::report::numbers::Scale;

const SCALE: Scale = Scale {
    factor: 100.0,
    decimals: 1,
    suffix: "",
};

fn scene<'a>(id: &'a str, title: &'a str) -> Scene<'a> {
    Scene {
        id,
        title,
        scale: SCALE,
        unit: "percentage points",
        lower: "less reoffending",
        higher: "more reoffending",
    }
}

fn forest() -> Figure {
    let data = providers();
    let f = pool(&data, Between::Reml, IntervalKind::HartungKnapp).unwrap();
    forest_figure(
        &scene("forest", "Programmes & what they do"),
        &data,
        Some(&f),
    )
    .unwrap()
}

fn planted() -> Vec<ProgrammeResult> {
    let mut data = providers();
    data.push(result("A stranger <to all>", 0.2, 0.02));
    data
}

fn funnels() -> [Figure; 3] {
    let data = planted();
    let of = |id, target, dispersion| {
        let f = funnel(&data, target, dispersion).unwrap();
        funnel_figure(&scene(id, "Who is unlike the others"), &f).unwrap()
    };
    [
        of("funnel-none", Target::Pooled, Dispersion::None),
        of(
            "funnel-times",
            Target::Given(0.0),
            Dispersion::Multiplicative,
        ),
        of("funnel-plus", Target::Given(0.0), Dispersion::Additive),
    ]
}

fn run() -> Figure {
    let data: Vec<Dated> = [
        ("2012", -0.01, Some(-0.03)),
        ("2013/14", -0.03, Some(-0.032)),
        ("2015-06", -0.05, None),
        ("2017-01-31", -0.06, Some(-0.035)),
    ]
    .map(|(at, estimate, average)| Dated {
        when: When::read(at).unwrap(),
        estimate,
        se: 0.015,
        average,
    })
    .to_vec();
    let t = trend(&data, Better::Lower, 0.05).unwrap();
    run_figure(&scene("run", "One programme over time"), &t).unwrap()
}

fn all() -> Vec<Figure> {
    let mut all = vec![forest(), run()];
    all.extend(funnels());
    all
}

/// Everything between two marks.
fn between<'a>(text: &'a str, from: &str, to: &str) -> Vec<&'a str> {
    text.split(from)
        .skip(1)
        .filter_map(|part| part.split_once(to).map(|(inside, _)| inside))
        .collect()
}

#[test]
fn every_picture_has_a_title_a_description_and_a_table() {
    for f in all() {
        assert!(f.svg.contains("role=\"img\"") && f.svg.contains("viewBox=\"0 0 340 "));
        assert!(!f.svg[..f.svg.find('>').unwrap()].contains("width="));
        let title = between(
            &f.svg,
            &format!("<title id=\"{}-title\">", f.id),
            "</title>",
        );
        assert_eq!(title, [f.title.replace('&', "&amp;")]);
        assert!(f.description().contains("percentage points"), "{}", f.id);
        assert!(!f.note.is_empty() && !f.table.caption.is_empty());
        assert!(f.table.rows.iter().all(|r| r.len() == f.table.head.len()));
        // What a name holds is never mark-up.
        assert!(!f.svg.contains("<to all>"));
        for word in ["best ", "worst", "rank 1", "winner", "league"] {
            let said = format!("{} {}", f.description(), f.note).to_lowercase();
            assert!(!said.contains(word), "{}: {word}", f.id);
        }
    }
}

#[test]
fn every_text_and_shape_stays_inside_and_is_large_enough_for_a_phone() {
    for f in all() {
        let height = 340.0 * f.steepness().unwrap();
        let number = |tag: &str, name: &str| -> Option<f64> {
            let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
            rest.split_once('"')?.0.parse().ok()
        };
        let mut texts = 0;
        for tag in between(&f.svg, "<text", "</text>") {
            let (attributes, words) = tag.split_once('>').unwrap();
            let size = number(attributes, "font-size").unwrap();
            // 340 units on 320 pixels.
            assert!(size * 320.0 / 340.0 >= 12.0, "{}: {size}", f.id);
            let (x, y) = (
                number(attributes, "x").unwrap(),
                number(attributes, "y").unwrap(),
            );
            // Half the size is a letter's width on average.
            let wide = words.trim().chars().count() as f64 * size * 0.5;
            let (left, right) = if attributes.contains("\"end\"") {
                (x - wide, x)
            } else if attributes.contains("\"middle\"") {
                (x - wide / 2.0, x + wide / 2.0)
            } else {
                (x, x + wide)
            };
            assert!(
                left >= -4.0 && right <= 344.0,
                "{}: `{}` {left} {right}",
                f.id,
                words.trim()
            );
            assert!(
                y >= 0.0 && y <= height,
                "{}: `{}` at {y}",
                f.id,
                words.trim()
            );
            texts += 1;
        }
        assert!(texts > 5, "{}", f.id);
        for tag in between(&f.svg, "<circle", "/>") {
            let (x, y) = (number(tag, "cx").unwrap(), number(tag, "cy").unwrap());
            assert!(
                (0.0..=340.0).contains(&x) && (0.0..=height).contains(&y),
                "{}",
                f.id
            );
        }
    }
}

#[test]
fn the_forest_keeps_the_callers_order_and_its_table_the_numbers() {
    let f = forest();
    let names: Vec<&str> = f.table.rows.iter().map(|r| r[0].words()).collect();
    assert_eq!(names[..3], ["Provider A", "Provider B", "Provider C"]);
    assert_eq!(names[24..], ["All together", "Another like these"]);
    assert_eq!(f.table.rows[1][1].words(), "\u{2212}6.1");
    assert_eq!(f.table.rows[24][1].words(), "\u{2212}3.4");
    for row in &f.table.rows {
        let said = f.description();
        assert!(said.contains(row[0].words().trim_end_matches(" like these")));
        assert!(said.contains(row[2].words()), "{:?}", row);
    }
    let shares: f64 = f.table.rows[..24]
        .iter()
        .map(|r| r[3].words().trim_end_matches('%').parse::<f64>().unwrap())
        .sum();
    assert!((shares - 100.0).abs() < 1.2, "{shares}");
    // A square a programme (after the paper's none), one diamond for all.
    assert_eq!(f.svg.matches("<polygon").count(), 1);
    assert_eq!(f.svg.matches("<rect").count(), 24);
    let turned: Vec<_> = providers().into_iter().rev().collect();
    let g = forest_figure(&scene("f", "t"), &turned, None).unwrap();
    assert_eq!(g.table.rows[0][0].words(), "Provider X");
    assert_eq!(
        (g.table.rows.len(), g.svg.matches("<polygon").count()),
        (24, 0)
    );
}

#[test]
fn the_funnel_tells_who_is_outside_by_shape_and_word() {
    for f in funnels() {
        let outside: Vec<&str> = f
            .table
            .rows
            .iter()
            .filter(|r| r[4].words() == "unlike the others more than chance explains")
            .map(|r| r[0].words())
            .collect();
        assert!(outside.contains(&"A stranger <to all>"), "{}", f.id);
        // A diamond each and one in the legend; nothing but the shape and the name tells them.
        assert_eq!(
            f.svg.matches("<polygon").count(),
            outside.len() + 1,
            "{}",
            f.id
        );
        for name in outside {
            assert!(f.description().contains(name));
        }
        assert_eq!(f.table.rows.len(), 25);
    }
    let [plain, times, _] = funnels();
    let lines = |f: &Figure| f.svg.matches("<polyline").count();
    assert!(
        lines(&times) > lines(&plain) + 100,
        "{} and {}",
        lines(&times),
        lines(&plain)
    );
    assert!(times.description().contains("really differ"));
}

#[test]
fn the_run_chart_shows_the_average_beside_and_says_the_change() {
    let f = run();
    let cells: Vec<&str> = f.table.rows[2].iter().map(|c| c.words()).collect();
    assert_eq!(cells[..2], ["2015-06", "\u{2212}5.0"]);
    assert_eq!(cells[3], "not known");
    assert!(f.svg.contains("2013/14") && f.note.contains("Change over the whole time"));
    // Four full dots and the legend's; three open rings of two circles each, and the legend's.
    assert_eq!(f.svg.matches("<circle").count(), 5 + 2 * 4);
}

#[test]
fn few_many_and_unfit_numbers() {
    let one = [result("only", 0.0, 0.05)];
    let f = forest_figure(&scene("f", "t"), &one, None).unwrap();
    assert_eq!(f.table.rows[0][3].words(), "100.0%");
    assert!(forest_figure(&scene("f", "t"), &[], None).is_err());
    for bad in [
        result("x", f64::NAN, 0.1),
        result("x", 0.0, f64::NAN),
        result("x", 1e308, 1e300),
    ] {
        let error = forest_figure(&scene("f", "t"), &[bad], None).unwrap_err();
        assert!(error.to_string().contains("`forest`"), "{error}");
    }
    let same: Vec<_> = (0..50)
        .map(|i| {
            result(
                &format!("A programme with a rather long name indeed, number {i}"),
                0.0,
                0.05,
            )
        })
        .collect();
    let pooled = pool(&same, Between::Reml, IntervalKind::HartungKnappCautious).unwrap();
    let f = forest_figure(&scene("f", "t"), &same, Some(&pooled)).unwrap();
    assert_eq!(f.svg.matches("<rect").count(), 50);
    let around = funnel(&same, Target::Pooled, Dispersion::Additive).unwrap();
    assert!(
        funnel_figure(&scene("f", "t"), &around)
            .unwrap()
            .description()
            .contains("None is unlike")
    );
    let alone = funnel(&one, Target::Given(0.0), Dispersion::Additive).unwrap();
    assert!(funnel_figure(&scene("f", "t"), &alone).is_ok());
}

#[test]
#[ignore = "writes the pictures to the folder in COUNTERPART_PICTURES, to be looked at"]
fn pictures_to_look_at() {
    let folder = std::path::PathBuf::from(std::env::var_os("COUNTERPART_PICTURES").unwrap());
    for f in all() {
        let path = folder.join(format!("{}.svg", f.id));
        std::fs::write(&path, f.file()).unwrap();
        assert!(path.is_file());
    }
}
