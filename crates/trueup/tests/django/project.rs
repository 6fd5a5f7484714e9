//! A small project in a folder of its own, with a pinned Django.

use std::path::Path;

use tempfile::TempDir;
use trueup_testing::django::Django;
use trueup_testing::servers::Database;

use crate::common::{Run, command, finish, project, with_password, write};

const MANAGE: &str = "\
import os
import sys

if __name__ == '__main__':
    os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'site1.settings')
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)
";

const SETTINGS: &str = "\
import os

SECRET_KEY = 'not secret'
USE_TZ = True
DEFAULT_AUTO_FIELD = 'django.db.models.BigAutoField'
INSTALLED_APPS = ['django.contrib.contenttypes', 'django.contrib.auth', 'shop']
DATABASES = {
    'default': {
        'ENGINE': 'django.db.backends.postgresql',
        'NAME': os.environ.get('DBNAME', 'shop'),
        'HOST': os.environ.get('DBHOST', '127.0.0.1'),
        'PORT': os.environ.get('DBPORT', '1'),
        'USER': os.environ.get('DBUSER', 'postgres'),
    }
}
";

pub struct Site {
    pub folder: TempDir,
    pub django: Django,
}

impl Site {
    /// `site1` with the app `shop`, and these files besides.
    pub fn new(django: Django, files: &[(&str, &str)]) -> Self {
        let usual = [
            ("manage.py", MANAGE),
            ("site1/__init__.py", ""),
            ("site1/settings.py", SETTINGS),
            ("shop/__init__.py", ""),
            ("shop/migrations/__init__.py", ""),
        ];
        let all: Vec<(&str, &str)> = usual.iter().chain(files).copied().collect();
        Self { folder: project(&all), django }
    }

    pub fn write(&self, name: &str, text: &str) {
        write(self.folder.path(), name, text.as_bytes());
    }

    pub fn add_to_settings(&self, text: &str) {
        self.write("site1/settings.py", &format!("{SETTINGS}{text}"));
    }

    /// `manage.py` with these words, which has to succeed.
    #[track_caller]
    pub fn manage(&self, database: &Database, words: &[&str]) -> String {
        let output = self.django.manage(self.folder.path(), database, words, &[]);
        let said =
            format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "manage.py {}:\n{said}", words.join(" "));
        said
    }

    /// The program with this database, where the virtual environment is active.
    pub fn trueup(&self, database: &Database, words: &[&str]) -> Run {
        let url = with_password(&database.url());
        self.run(&[words, &["--database-url", &url]].concat(), &[])
    }

    pub fn run(&self, words: &[&str], variables: &[(&str, &str)]) -> Run {
        let mut command = command(self.folder.path());
        command.env("VIRTUAL_ENV", self.django.folder()).envs(variables.iter().copied());
        finish(command.args(words))
    }

    /// All files but those of the program itself.
    pub fn files(&self) -> Vec<String> {
        let mut files = Vec::new();
        let mut folders = vec![self.folder.path().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).expect("a folder") {
                let path = entry.expect("an entry").path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    files.push(shown(self.folder.path(), &path));
                }
            }
        }
        files.retain(|file| !file.starts_with(".trueup"));
        files.sort();
        files
    }
}

fn shown(root: &Path, path: &Path) -> String {
    path.strip_prefix(root).expect("below").to_string_lossy().into_owned()
}
