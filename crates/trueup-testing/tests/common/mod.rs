//! What the tests of the whole share: a project on disk, its expected catalog, and a look at a live database.

#![allow(dead_code)]

use std::path::{Path, PathBuf};

use camino::Utf8PathBuf;
use trueup_database::expected::{Expected, Plan, expected};
use trueup_database::introspect::introspect;
use trueup_database::shadow::{ShadowRequest, Surroundings};
use trueup_database::{DatabaseUrl, OpenOptions, Session};
use trueup_model::{Catalog, History, Ident};
use trueup_testing::django::Django;

/// A history in a folder of its own, and a cache of its own.
pub struct Project {
    folder: tempfile::TempDir,
    cache: tempfile::TempDir,
    history: History,
}

impl Project {
    pub fn plain(files: &[(String, String)]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let root = Utf8PathBuf::from_path_buf(folder.path().join("migrations")).expect("a UTF-8 path");
        std::fs::create_dir(&root).expect("a folder");
        for (name, sql) in files {
            std::fs::write(root.join(name), sql).expect("a file");
        }
        let detected = trueup_frameworks::detect_in(&root, Some("plain")).expect("a plain history");
        let history =
            trueup_frameworks::framework("plain").expect("plain").read(&detected).expect("a history");
        assert_eq!(history.findings, [], "the files are well");
        Self { folder, cache: tempfile::tempdir().expect("a folder"), history }
    }

    /// A project of Django with these files, read for its version.
    pub fn django(django: &Django, files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let manage = "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'settings')\n";
        for (name, text) in [("manage.py", manage)].iter().chain(files) {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            std::fs::write(path, text).expect("a file");
        }
        std::os::unix::fs::symlink(django.folder(), folder.path().join(".venv")).expect("a link");
        let root = camino::Utf8Path::from_path(folder.path()).expect("a UTF-8 path");
        let detected = trueup_frameworks::detect_in(root, Some("django")).expect("a Django project");
        let history =
            trueup_frameworks::framework("django").expect("django").read(&detected).expect("a history");
        assert_eq!(history.findings, [], "the files are well");
        Self { folder, cache: tempfile::tempdir().expect("a folder"), history }
    }

    pub fn root(&self) -> &Path {
        self.folder.path()
    }

    pub fn history(&self) -> &History {
        &self.history
    }

    pub fn expected(&self, request: &ShadowRequest, live_major: u32) -> Expected {
        let surroundings = Surroundings { cache: self.cache.path().to_owned(), ..Surroundings::usual() };
        let plan = Plan {
            request,
            opener: None,
            surroundings: &surroundings,
            remember: true,
            live_major: Some(live_major),
        };
        let first = expected(&self.history, &plan, &mut |_| {}).expect("an expected catalog");
        let again = expected(&self.history, &plan, &mut |_| {}).expect("an expected catalog");
        assert!(again.shadow.from_cache, "the second time it is remembered");
        assert_eq!(first.catalog, again.catalog, "what is remembered is what was read");
        assert_eq!(first.journal, again.journal, "and so is where it came from");
        first
    }
}

pub fn open_session(url: &str) -> Session {
    let url = DatabaseUrl::parse(url).expect("a URL");
    trueup_database::open(&url, &OpenOptions::default()).expect("a session")
}

pub fn live_catalog(url: &str) -> Catalog {
    introspect(&mut open_session(url)).expect("a catalog").migrated_by(Some(Ident::new("postgres")))
}

/// The folder of `initdb` and `postgres` of a test server.
pub fn binaries(major: u32) -> PathBuf {
    trueup_testing::servers::server(major).binaries()
}
