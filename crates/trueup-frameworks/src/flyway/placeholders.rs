//! `${name}` in migrations, replaced as Flyway does before it looks at the SQL.

use std::sync::Arc;

use crate::flyway::configuration::Configuration;
use crate::reporting::Fault;

pub(crate) struct Replaced {
    pub text: String,
    pub unknown: Vec<Fault>,
}

/// A placeholder without a value stays as it is and is told. In a comment it does no harm.
pub(crate) fn replace(file: &Arc<str>, text: &str, configuration: &Configuration) -> Replaced {
    let (prefix, suffix) =
        (configuration.placeholder_prefix.as_str(), configuration.placeholder_suffix.as_str());
    let mut result = String::with_capacity(text.len());
    let mut unknown = Vec::new();
    let mut at = 0;
    while let Some(start) = text[at..].find(prefix).map(|found| at + found) {
        result.push_str(&text[at..start]);
        let name_start = start + prefix.len();
        let end = text[name_start..].find(suffix).map(|found| name_start + found);
        // A name does not run over lines.
        let Some(end) = end.filter(|end| !text[name_start..*end].contains('\n')) else {
            result.push_str(prefix);
            at = name_start;
            continue;
        };
        let name = &text[name_start..end];
        match value(name, file, configuration) {
            Some(value) => result.push_str(&value),
            None => {
                result.push_str(&text[start..end + suffix.len()]);
                let line_start = text[..start].rfind('\n').map_or(0, |found| found + 1);
                if !text[line_start..start].contains("--") {
                    unknown.push(fault(file, text, start, line_start, name, configuration));
                }
            }
        }
        at = end + suffix.len();
    }
    result.push_str(&text[at..]);
    Replaced { text: result, unknown }
}

fn value(name: &str, file: &str, configuration: &Configuration) -> Option<String> {
    let name = name.to_lowercase();
    if let Some(value) = configuration.placeholders.get(&name) {
        return Some(value.clone());
    }
    match name.strip_prefix("flyway:")? {
        "defaultschema" => Some(configuration.default_schema.clone().unwrap_or_else(|| "public".to_owned())),
        "table" => Some(configuration.table.clone()),
        "filename" => Some(file.rsplit('/').next().unwrap_or(file).to_owned()),
        "user" => configuration.user().map(str::to_owned),
        _ => None,
    }
}

fn fault(
    file: &Arc<str>,
    text: &str,
    start: usize,
    line_start: usize,
    name: &str,
    configuration: &Configuration,
) -> Fault {
    let line = text[..start].matches('\n').count() + 1;
    let column = text[line_start..start].chars().count() + 1;
    let source = text[line_start..].lines().next().unwrap_or_default();
    let known = if configuration.source.is_empty() {
        "no configuration of Flyway was found".to_owned()
    } else {
        format!("{} does not set it", configuration.source)
    };
    let mut fault = Fault::at_line(
        format!("the placeholder {name} has no value: {known}"),
        file,
        u32::try_from(line).unwrap_or(u32::MAX),
        source,
    );
    fault.place.column = u32::try_from(column).unwrap_or(u32::MAX);
    fault
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_placeholders_are_replaced_and_unknown_ones_told_with_their_place() {
        let mut configuration = Configuration::default();
        configuration.placeholders.insert("owner".to_owned(), "ann".to_owned());
        let text = "GRANT ALL ON a TO ${Owner};\n-- ${nothing}\nSET x = '${flyway:defaultSchema}', ${tablespace};\n$${";
        let replaced = replace(&"V1__a.sql".into(), text, &configuration);
        assert_eq!(
            replaced.text,
            "GRANT ALL ON a TO ann;\n-- ${nothing}\nSET x = 'public', ${tablespace};\n$${"
        );
        let places: Vec<_> =
            replaced.unknown.iter().map(|fault| (fault.place.line, fault.place.column)).collect();
        assert_eq!(places, [(3, 36)]);
    }
}
