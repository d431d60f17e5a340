//! What a tensor of an adapter is for, by the end of its name.

/// Factors are called as in the papers: `W = up · down` and so on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Role {
    Down,
    Up,
    /// Core of a convolution between both.
    Mid,
    Alpha,
    /// `DoRA`'s lengths, along whichever axis its shape tells.
    DoraScale,
    /// The same as PEFT names it: of each output.
    Magnitude,
    HadaW1A,
    HadaW1B,
    HadaW2A,
    HadaW2B,
    HadaT1,
    HadaT2,
    LokrW1,
    LokrW1A,
    LokrW1B,
    LokrW2,
    LokrW2A,
    LokrW2B,
    LokrT2,
    /// What is added as a whole.
    Diff,
    DiffBias,
}

/// Ends of names, those of kohya and `LyCORIS` first.
const ENDS: [(&str, Role); 37] = [
    (".lora_down.weight", Role::Down),
    (".lora_up.weight", Role::Up),
    (".lora_mid.weight", Role::Mid),
    (".alpha", Role::Alpha),
    (".dora_scale", Role::DoraScale),
    (".hada_w1_a", Role::HadaW1A),
    (".hada_w1_b", Role::HadaW1B),
    (".hada_w2_a", Role::HadaW2A),
    (".hada_w2_b", Role::HadaW2B),
    (".hada_t1", Role::HadaT1),
    (".hada_t2", Role::HadaT2),
    (".lokr_w1", Role::LokrW1),
    (".lokr_w1_a", Role::LokrW1A),
    (".lokr_w1_b", Role::LokrW1B),
    (".lokr_w2", Role::LokrW2),
    (".lokr_w2_a", Role::LokrW2A),
    (".lokr_w2_b", Role::LokrW2B),
    (".lokr_t2", Role::LokrT2),
    (".diff", Role::Diff),
    (".diff_b", Role::DiffBias),
    (".w_norm", Role::Diff),
    (".b_norm", Role::DiffBias),
    // PEFT, with or without the adapter's name.
    (".lora_A.weight", Role::Down),
    (".lora_B.weight", Role::Up),
    (".lora_A.default.weight", Role::Down),
    (".lora_B.default.weight", Role::Up),
    (".lora_magnitude_vector", Role::Magnitude),
    (".lora_magnitude_vector.weight", Role::Magnitude),
    (".lora_magnitude_vector.default.weight", Role::Magnitude),
    // diffusers before PEFT: `to_q_lora` beside `to_q`, or a layer wrapped whole.
    (".lora_linear_layer.down.weight", Role::Down),
    (".lora_linear_layer.up.weight", Role::Up),
    ("_lora.down.weight", Role::Down),
    ("_lora.up.weight", Role::Up),
    (".lora.down.weight", Role::Down),
    (".lora.up.weight", Role::Up),
    (".lora_linear_layer.alpha", Role::Alpha),
    ("_lora.alpha", Role::Alpha),
];

/// The module a tensor belongs to, and what it is for; nothing where that is not known.
pub(super) fn split(key: &str) -> Option<(&str, Role)> {
    ENDS.iter()
        .find_map(|(end, role)| Some((key.strip_suffix(end)?, *role)))
        .filter(|(module, _)| !module.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_tells_module_and_role() {
        for (key, module, role) in [
            (
                "lora_unet_a_b.lora_down.weight",
                "lora_unet_a_b",
                Role::Down,
            ),
            (
                "unet.a.processor.to_q_lora.up.weight",
                "unet.a.processor.to_q",
                Role::Up,
            ),
            ("unet.a.to_q.lora_A.weight", "unet.a.to_q", Role::Down),
            ("x.lora_linear_layer.down.weight", "x", Role::Down),
            ("x.lora_magnitude_vector", "x", Role::Magnitude),
            ("x.lokr_w1_a", "x", Role::LokrW1A),
            ("x.diff_b", "x", Role::DiffBias),
        ] {
            assert_eq!(split(key), Some((module, role)));
        }
        for foreign in ["conv_in.weight", "emb_params", ".alpha"] {
            assert_eq!(split(foreign), None);
        }
    }
}
