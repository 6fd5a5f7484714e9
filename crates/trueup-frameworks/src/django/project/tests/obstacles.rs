//! What keeps a project from being judged, and why its settings lead to no database.

use super::*;

/// What is wrong, and what is to be done.
fn told(obstacle: Option<crate::framework::Obstacle>) -> String {
    obstacle.map(|obstacle| format!("{}\n=> {}", obstacle.what, obstacle.next)).unwrap_or_default()
}

/// Settings in a project with the app `plain`.
fn settings(text: &str) -> Project {
    project(&[("shop/settings.py", text), ("plain/__init__.py", "")], &[])
}

#[track_caller]
fn check(text: &str, expected: &str) {
    assert_eq!(told(settings(text).obstacle()), expected);
}

#[test]
fn nothing_is_judged_where_the_apps_are_not_known() {
    check("INSTALLED_APPS = ['plain']\n", "");
    check(
        "SECRET = 1\nINSTALLED_APPS = = []\n",
        "reading the settings shop.settings: the file is not valid Python: expected an expression\n \
         --> shop/settings.py:2:18\n  |\n2 | INSTALLED_APPS = = []\n  |                  ^\n=> mend the file: Django \
         does not start before that",
    );
    check(
        "A = 1\nclass X:\n<<<<<<< HEAD\n    b = 1\n=======\n    b = 2\n>>>>>>> other\nINSTALLED_APPS = []\n",
        "reading the settings shop.settings: the file is not valid Python: a merge left a conflict here that nobody \
         has settled (<<<<<<< HEAD)\n --> shop/settings.py:3:1\n  |\n3 | <<<<<<< HEAD\n  | ^\n=> mend the file: \
         Django does not start before that",
    );
    check(
        "from elsewhere import APPS\nINSTALLED_APPS = ['plain'] + APPS\n",
        "reading the settings shop.settings: INSTALLED_APPS is not known: no module named elsewhere\n \
         --> shop/settings.py:1:23\n  |\n1 | from elsewhere import APPS\n  |                       ^\n=> install \
         what is missing in the project's environment, or set the variable that this is read from: which apps there \
         are decides everything else",
    );
    // A password may stand in any other line.
    check(
        "DATABASES = {'default': {'PASSWORD': 'hunter2,\n}}\nINSTALLED_APPS = []\n",
        "reading the settings shop.settings: the file is not valid Python: missing closing quote in string literal\n  \
         --> shop/settings.py:1:38\n=> mend the file: Django does not start before that",
    );
    check(
        "",
        "reading the settings shop.settings: INSTALLED_APPS is empty, so that there are no migrations\n=> set the \
         variable DJANGO_SETTINGS_MODULE to the module with the apps, where it is another one (manage.py names this \
         one)",
    );
}

#[test]
fn without_django_its_own_apps_are_not_known() {
    let text = "INSTALLED_APPS = [\n    'plain',\n    'django.contrib.auth',\n]\n";
    let of = |text: &str| {
        let mut request = Request::new("/p", BTreeMap::new());
        let files = [
            ("/p/manage.py", MANAGE),
            ("/p/shop/__init__.py", ""),
            ("/p/shop/settings.py", text),
            ("/p/plain/__init__.py", ""),
        ];
        request.files = Rc::new(Memory::new(files));
        told(read(&request).unwrap_or_else(|error| panic!("{error}")).obstacle())
    };
    assert_eq!(
        of(text),
        "reading the settings shop.settings: no installed Django was found, and django.contrib.auth of INSTALLED_APPS \
         (shop/settings.py:3) is a part of it: which tables its migrations make is not known\n=> activate the \
         environment in which the project runs, or set VIRTUAL_ENV to its folder, the one with \
         lib/python3.…/site-packages/django in it"
    );
    assert_eq!(of("INSTALLED_APPS = ['plain', 'django.contrib.staticfiles']\n"), "");
}

/// As in a container: Django is installed beside the Python on the path.
#[test]
fn a_python_on_the_path_brings_its_packages() {
    let of = |path: &str| {
        let mut request = Request::new("/p", BTreeMap::from([("PATH".to_owned(), path.to_owned())]));
        let files = [
            ("/p/manage.py", MANAGE),
            ("/p/shop/__init__.py", ""),
            ("/p/shop/settings.py", "INSTALLED_APPS = ['django.contrib.auth']\n"),
            ("/usr/bin/python3", ""),
            ("/usr/lib/python3.11/site-packages/x.py", ""),
            ("/usr/local/bin/python3", ""),
            (
                "/usr/local/lib/python3.12/site-packages/django/__init__.py",
                "VERSION = (5, 2, 1, 'final', 0)\n",
            ),
            ("/usr/local/lib/python3.12/site-packages/django/contrib/__init__.py", ""),
            ("/usr/local/lib/python3.12/site-packages/django/contrib/auth/__init__.py", ""),
        ];
        request.files = Rc::new(Memory::new(files));
        read(&request).unwrap_or_else(|error| panic!("{error}"))
    };
    let project = of("relative:/usr/bin:/usr/local/bin");
    assert_eq!(told(project.obstacle()), "");
    assert_eq!(project.environment.folder.as_deref(), Some(Utf8Path::new("/usr/local")));
    assert_eq!((project.django, project.environment.python), (Version::parse("5.2.1"), Some((3, 12))));
    assert_eq!(of("/usr/bin").django, None);
}

#[test]
fn why_the_settings_lead_to_no_database_is_said() {
    let why = |databases: &str| {
        let text = format!("import os\nINSTALLED_APPS = ['plain']\n{databases}\n");
        told(settings(&text).why_no_database("default"))
    };
    let end = "name the database with --database-url postgresql://user:***@localhost:5432/shop";
    assert_eq!(
        why("DATABASES = {'default': {\n    'ENGINE': 'django.db.backends.sqlite3', 'NAME': 'x'}}"),
        format!(
            "looking for the database: DATABASES[\"default\"] leads to no PostgreSQL: its engine is \
             django.db.backends.sqlite3, which is not PostgreSQL (shop/settings.py:4)\n=> take the settings of \
             another environment, or {end}"
        )
    );
    assert_eq!(
        why(
            "DATABASES = {'default': {'ENGINE': 'django.db.backends.postgresql',\n    'NAME': os.environ['DBNAME']}}"
        ),
        format!(
            "looking for the database: DATABASES[\"default\"] leads to no PostgreSQL: NAME is not known: the \
             environment variable DBNAME is not set (shop/settings.py:4)\n=> set the variable that it is read from, \
             or {end}"
        )
    );
    assert_eq!(
        why("DATABASES = {'other': {}}"),
        format!(
            "looking for the database: DATABASES has no \"default\": it has other\n=> choose one of them with \
             --database-alias, or {end}"
        )
    );
    assert_eq!(
        why(""),
        format!("looking for the database: DATABASES of the settings shop.settings is empty\n=> {end}")
    );
    assert_eq!(
        why("from elsewhere import DATABASES"),
        format!(
            "looking for the database: the setting DATABASES is not known: no module named elsewhere \
             (shop/settings.py:3)\n=> set what it is read from, or {end}"
        )
    );
    assert_eq!(why("DATABASES = {'default': {'ENGINE': 'django.db.backends.postgresql', 'NAME': 'x'}}"), "");
}

/// What of the settings does not count here is said of them, with the line that is the reason.
#[test]
fn what_keeps_django_from_starting_is_said_with_its_line() {
    let project = project(
        &[
            (
                "shop/settings.py",
                "import gone.away\ntry:\n    import other\nexcept ImportError:\n    other = None\nINSTALLED_APPS = \
                 ['plain']\nif other:\n    import more\n",
            ),
            ("plain/__init__.py", "x = = 1\n"),
        ],
        &[],
    );
    let told: Vec<String> = project
        .findings
        .iter()
        .map(|finding| {
            let origin = finding.origin.as_ref().expect("an origin");
            let place = origin.place.as_ref().expect("a place");
            let found = finding.found.as_deref().unwrap_or_default();
            let excerpt = origin.excerpt.as_deref().unwrap_or_default();
            format!("{} {found} {}:{} {excerpt}", finding.code, place.file, place.line)
        })
        .collect();
    assert_eq!(
        told,
        [
            "unread-settings no module named gone shop/settings.py:1 gone.away",
            "unread-settings the file is not valid Python: expected an expression plain/__init__.py:1 ",
        ]
    );
}
