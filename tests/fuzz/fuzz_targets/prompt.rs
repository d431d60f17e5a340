//! Prompts in everybody's syntax. The first line may be a file of wildcards, with `|` between its
//! lines; the rest is the prompt.
#![no_main]

use std::sync::LazyLock;

use afterimage::models::Manifest;
use afterimage::recipe::{
    Draft, Emphasis, Limits, PromptPlan, Template, Wildcards, extract_networks, is_dynamic, pieces,
};
use afterimage::weights::Inversions;
use afterimage_fuzz::Overlay;
use libfuzzer_sys::fuzz_target;

static MODEL: LazyLock<Manifest> =
    LazyLock::new(|| Manifest::read(&Overlay::over("epsilon", [])).expect("a golden model"));

const LIMITS: Limits = Limits {
    size_factor: 8,
    max_side: 4096,
    max_steps: 1000,
};

struct Line<'t>(&'t str);

impl Wildcards for Line<'_> {
    fn options(&self, name: &str) -> Option<Vec<String>> {
        let known = name.len() == 1;
        known.then(|| self.0.split('|').map(str::to_owned).collect())
    }
}

fuzz_target!(|text: &str| {
    let (line, prompt) = text.split_once('\n').unwrap_or(("", text));
    let mut drawn = prompt.to_owned();
    if is_dynamic(prompt) {
        let template = Template::of(prompt, "", Emphasis::A1111);
        if let Ok(recipe) = Draft::default().recipe(LIMITS)
            && let Ok(recipe) =
                (afterimage::recipe::Recipe { template, ..recipe }).drawn(&Line(line))
        {
            drawn = recipe.prompt;
        }
    }
    if drawn.len() > 1 << 12 {
        return;
    }
    let (words, networks) = extract_networks(&drawn);
    assert!(words.len() <= drawn.len() && networks.len() <= drawn.len());
    for emphasis in Emphasis::ALL {
        let plan = PromptPlan::of(&words, emphasis, 9);
        assert!(!plan.branches.is_empty());
        for branch in &plan.branches {
            for step in 0..9 {
                let told = &branch.texts[branch.at(step)];
                assert!(!pieces(&told.text, emphasis).is_empty());
            }
        }
        let count = MODEL
            .texts
            .count(&words, emphasis, 9, &Inversions::default());
        assert!(count.is_ok());
    }
});
