//! The program. Everything that it does is in the library, so that tests can reach it without starting it.

/// Catalogs and what Python is read into are many small pieces.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    trueup::run_program()
}
