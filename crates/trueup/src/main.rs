//! The program. Everything that it does is in the library, so that tests can reach it without starting it.

fn main() -> std::process::ExitCode {
    trueup::run_program()
}
