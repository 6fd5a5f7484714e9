//! Apps that installed packages offer by themselves.

use super::*;

/// In the order in which the packages lie on the disk, which nobody sorts; here that is the opposite of theirs.
#[test]
fn what_packages_offer_comes_in_the_order_of_the_disk() {
    let offer = |name: &str| format!("[shop.plugins]\n{name} = {name}:configuration\n");
    let site = ".venv/lib/python3.11/site-packages";
    let one = format!("{site}/one-1.0.dist-info/entry_points.txt");
    let two = format!("{site}/two-1.0.dist-info/entry_points.txt");
    let (package_one, package_two) = (format!("{site}/one/__init__.py"), format!("{site}/two/__init__.py"));
    let project = project(
        &[
            (
                "shop/settings.py",
                "from importlib.metadata import entry_points\nINSTALLED_APPS = []\n\
                 for plugin in entry_points(group='shop.plugins'):\n    INSTALLED_APPS += [plugin.load()]\n",
            ),
            (&one, &offer("one")),
            (&two, &offer("two")),
            (&package_one, "configuration = 'one'\n"),
            (&package_two, "configuration = 'two'\n"),
        ],
        &[],
    );
    assert_eq!(messages(&project), Vec::<String>::new());
    let labels: Vec<&str> = project.apps.iter().map(|app| app.label.as_str()).collect();
    assert_eq!(labels, ["two", "one"]);
}

/// Beside compiled code lies a folder that only says of which types it is.
#[test]
fn a_folder_beside_compiled_code_is_no_package() {
    let site = ".venv/lib/python3.11/site-packages";
    let (init, compiled) = (format!("{site}/fast/__init__.py"), format!("{site}/fast/_core.abi3.so"));
    let types = format!("{site}/fast/_core/hashes.pyi");
    let project = project(
        &[
            (
                "shop/settings.py",
                "from fast import _core\nHASH = _core.hashes.sha256\nINSTALLED_APPS = ['shop']\n",
            ),
            (&init, "__path__ = __import__('pkgutil').extend_path(__path__, __name__)\n"),
            (&compiled, ""),
            (&types, ""),
        ],
        &[],
    );
    assert_eq!(messages(&project), Vec::<String>::new());
}
