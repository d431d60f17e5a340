//! The one place where a panic is caught: it becomes a failure, and its thread goes on.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::protocol::Failure;

/// Does `work`; a panic in it is [`Failure::Panicked`]. What `work` changes must be in order even
/// where it ends half way.
pub(super) fn guarded<T, E: Into<Failure>>(
    work: impl FnOnce() -> Result<T, E>,
) -> Result<T, Failure> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(outcome) => outcome.map_err(Into::into),
        Err(panic) => Err(Failure::Panicked {
            message: panic_message(&*panic),
        }),
    }
}

fn panic_message(panic: &(dyn Any + Send)) -> String {
    panic
        .downcast_ref::<String>()
        .cloned()
        .or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()))
        .unwrap_or_else(|| "no message".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_a_failure_with_its_message() {
        let outcome: Result<(), _> = guarded(|| -> Result<(), Failure> { panic!("so it is") });
        assert_eq!(
            outcome,
            Err(Failure::Panicked {
                message: "so it is".to_owned()
            })
        );
        assert_eq!(guarded(|| Ok::<_, Failure>(1)), Ok(1));
    }
}
