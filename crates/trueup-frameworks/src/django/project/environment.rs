//! Where the packages of a project are installed.

use camino::{Utf8Path, Utf8PathBuf};

use super::Request;
use crate::django::Version;
use crate::python::{Files, Surroundings, World};

/// The packages that a project imports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Environment {
    /// The virtual environment, if that is where they are.
    pub folder: Option<Utf8PathBuf>,
    /// Folders of packages, in the order in which Python looks into them.
    pub packages: Vec<Utf8PathBuf>,
    /// The version of Python.
    pub python: Option<(u32, u32)>,
    /// Whether what is installed as a link to where it is worked on was all found.
    pub is_followed: bool,
}

/// Names of virtual environments in a project.
const USUAL: &[&str] = &[".venv", "venv", "env", ".env", "virtualenv", "__pypackages__"];

/// Variables that say where packages are installed.
pub(super) const VARIABLES: [&str; 3] = [VIRTUAL_ENV, PATH, HOME];

const VIRTUAL_ENV: &str = "VIRTUAL_ENV";
const PATH: &str = "PATH";
const HOME: &str = "HOME";

pub(super) fn find(request: &Request, root: &Utf8Path) -> Environment {
    let files = &*request.files;
    let named = request.environment.get(VIRTUAL_ENV).map(Utf8PathBuf::from);
    let beside = root.ancestors().take(4).flat_map(|folder| USUAL.iter().map(|name| folder.join(name)));
    let mut chosen = None;
    for folder in named.into_iter().chain(beside) {
        let packages = site_packages(files, &folder);
        if !packages.is_empty() {
            chosen = Some((folder, packages));
            break;
        }
    }
    let chosen = chosen.or_else(|| on_the_path(request));
    let (folder, mut packages) = match chosen {
        Some((folder, packages)) => (Some(folder), packages),
        None => (None, request.system_packages.clone()),
    };
    let configuration =
        folder.as_ref().and_then(|folder| text(files, &folder.join("pyvenv.cfg"))).unwrap_or_default();
    let setting = |name: &str| {
        let line = configuration.lines().find_map(|line| {
            let (key, value) = line.split_once('=')?;
            (key.trim() == name).then(|| value.trim().to_owned())
        });
        line.unwrap_or_default()
    };
    if setting("include-system-site-packages") == "true" {
        packages.extend(request.system_packages.iter().cloned());
        let home = Utf8PathBuf::from(setting("home"));
        packages.extend(home.parent().map(|prefix| of_prefix(request, prefix)).unwrap_or_default());
    }
    let version =
        [setting("version"), setting("version_info")].into_iter().find(|version| !version.is_empty());
    let python =
        version.or_else(|| packages.iter().find_map(|folder| version_in(folder))).and_then(|version| {
            let mut numbers = version.split('.').map(|number| number.parse::<u32>().ok());
            Some((numbers.next()??, numbers.next()??))
        });
    let linked: Vec<Linked> = packages.iter().map(|folder| linked(request, folder)).collect();
    let is_followed = linked.iter().all(|linked| linked.is_followed);
    for folder in linked.into_iter().flat_map(|linked| linked.folders) {
        if !packages.contains(&folder) && files.is_folder(&folder) {
            packages.push(folder);
        }
    }
    Environment { folder, packages, python, is_followed }
}

/// Where there is no virtual environment: the first Python on the path that has a Django, as in a container.
fn on_the_path(request: &Request) -> Option<(Utf8PathBuf, Vec<Utf8PathBuf>)> {
    let files = &*request.files;
    let path = request.environment.get(PATH)?;
    let has_python =
        |folder: &Utf8Path| ["python3", "python"].iter().any(|name| files.is_file(&folder.join(name)));
    let folders =
        path.split(':').map(Utf8Path::new).filter(|folder| folder.is_absolute() && has_python(folder));
    folders.filter_map(Utf8Path::parent).find_map(|prefix| {
        let packages = of_prefix(request, prefix);
        let has_django = packages.iter().any(|folder| files.is_file(&folder.join("django/__init__.py")));
        has_django.then(|| (prefix.to_owned(), packages))
    })
}

/// The folders of packages of a Python that is no virtual environment: its own, Debian's, and those of the user.
fn of_prefix(request: &Request, prefix: &Utf8Path) -> Vec<Utf8PathBuf> {
    let files = &*request.files;
    let mut found = site_packages(files, prefix);
    let versions: Vec<String> =
        files.list(&prefix.join("lib")).into_iter().filter(|name| name.starts_with("python3.")).collect();
    for version in &versions {
        found.push(prefix.join("lib").join(version).join("dist-packages"));
        found.push(prefix.join("local/lib").join(version).join("dist-packages"));
        if let Some(home) = request.environment.get(HOME) {
            found.push(Utf8Path::new(home).join(".local/lib").join(version).join("site-packages"));
        }
    }
    found.push(prefix.join("lib/python3/dist-packages"));
    found.retain(|folder| files.is_folder(folder));
    found
}

/// `3.12` of `lib/python3.12/site-packages`.
fn version_in(folder: &Utf8Path) -> Option<String> {
    let named = |name: &str| name.strip_prefix("python").map(str::to_owned);
    folder.ancestors().filter_map(Utf8Path::file_name).find_map(named).filter(|version| version.contains('.'))
}

/// The folders of packages in a virtual environment.
fn site_packages(files: &dyn Files, folder: &Utf8Path) -> Vec<Utf8PathBuf> {
    let mut found = Vec::new();
    for library in ["lib", "lib64"] {
        let library = folder.join(library);
        for name in files.list(&library).iter().filter(|name| name.starts_with("python")) {
            found.push(library.join(name).join("site-packages"));
        }
    }
    found.push(folder.join("Lib/site-packages"));
    // PEP 582: the packages of a version of Python lie in the project.
    found.extend(
        files
            .list(folder)
            .iter()
            .filter(|name| name.starts_with("3."))
            .map(|name| folder.join(name).join("lib")),
    );
    let mut kept: Vec<Utf8PathBuf> = Vec::new();
    for folder in found.into_iter().filter(|folder| files.is_folder(folder)) {
        // lib64 is a link to lib in most of them.
        let twin = folder.as_str().replace("/lib64/", "/lib/");
        if !kept.iter().any(|known| *known == twin) {
            kept.push(folder);
        }
    }
    kept
}

struct Linked {
    folders: Vec<Utf8PathBuf>,
    is_followed: bool,
}

/// Folders that `.pth` files add, and those of packages that are installed as links to where they are worked on.
fn linked(request: &Request, folder: &Utf8Path) -> Linked {
    let files = &*request.files;
    let mut linked = Linked { folders: Vec::new(), is_followed: true };
    for name in files.list(folder) {
        if name.ends_with(".pth") {
            let lines = text(files, &folder.join(&name)).unwrap_or_default();
            let paths = lines.lines().map(str::trim).filter(|line| {
                !line.is_empty()
                    && !line.starts_with('#')
                    && !line.starts_with("import ")
                    && !line.starts_with("import\t")
            });
            linked.folders.extend(paths.map(|path| folder.join(path)));
        } else if name.starts_with("__editable__") && name.ends_with("_finder.py") {
            let mapped = mapped(request, folder, &name);
            linked.folders.extend(mapped.folders);
            linked.is_followed &= mapped.is_followed;
        }
    }
    linked
}

/// What a finder of setuptools maps: packages to their folders. One that has another name than its folder is not
/// followed, nor is a single module.
fn mapped(request: &Request, folder: &Utf8Path, name: &str) -> Linked {
    let world = World::new(Surroundings::new(request.files.clone(), folder));
    let module = world.run_file(&folder.join(name), "finder");
    let mapping =
        module.and_then(|module| world.get(&module, "MAPPING")).and_then(|mapping| mapping.entries());
    let Some(mapping) = mapping else { return Linked { folders: Vec::new(), is_followed: false } };
    let count = mapping.len();
    let target = mapping.into_iter().filter_map(|(package, path)| {
        let (package, path) = (package.as_str()?.to_owned(), Utf8PathBuf::from(path.as_str()?));
        (path.file_name() == Some(&package)).then(|| path.parent().map(Utf8Path::to_owned)).flatten()
    });
    let folders: Vec<Utf8PathBuf> = target.collect();
    Linked { is_followed: folders.len() == count, folders }
}

fn text(files: &dyn Files, path: &Utf8Path) -> Option<String> {
    files.read(path).and_then(|bytes| String::from_utf8(bytes).ok())
}

impl Environment {
    /// The version of Django that is installed.
    pub(super) fn django_version(&self, files: &dyn Files) -> Option<Version> {
        self.packages.iter().find_map(|folder| {
            let stated =
                text(files, &folder.join("django/__init__.py")).and_then(|text| version_tuple(&text));
            let recorded = || {
                let names = files.list(folder).into_iter();
                let mut versions = names.filter_map(|name| {
                    let lower = name.to_ascii_lowercase();
                    Version::parse(lower.strip_prefix("django-")?.strip_suffix(".dist-info")?)
                });
                if files.is_folder(&folder.join("django")) { versions.next() } else { None }
            };
            stated.or_else(recorded)
        })
    }

    /// The folder in which Django is installed.
    pub(super) fn django_folder(&self, files: &dyn Files) -> Option<Utf8PathBuf> {
        self.packages
            .iter()
            .map(|folder| folder.join("django"))
            .find(|folder| files.is_file(&folder.join("__init__.py")))
    }
}

/// `VERSION = (5, 2, 1, "final", 0)`.
fn version_tuple(text: &str) -> Option<Version> {
    let (_, after) = text.split_once("VERSION = (")?;
    let numbers: Vec<&str> = after.split(',').take(3).map(str::trim).collect();
    Version::parse(&numbers.join("."))
}
