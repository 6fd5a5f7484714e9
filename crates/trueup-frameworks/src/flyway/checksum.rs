//! Flyway's checksum: CRC-32 over the lines of a text, without the line ends, as a signed number.

/// The text comes without its byte order mark. Line ends are what Java's `BufferedReader.readLine` takes for them:
/// `\n`, `\r`, or both; so no spelling of them counts.
pub(crate) fn checksum(text: &str) -> i32 {
    let mut hasher = crc32fast::Hasher::new();
    for line in text.split(['\n', '\r']) {
        hasher.update(line.as_bytes());
    }
    hasher.finalize().cast_signed()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values from Java's own reader of lines and CRC-32, joined as Flyway joins them.
    #[test]
    fn sums_are_those_of_flyway() {
        let person = "CREATE TABLE person (\n    id int not null,\n    name varchar(100) not null\n);\n";
        assert_eq!(checksum(person), -1_049_620_023);
        assert_eq!(checksum("create table a(b text); -- ü\r\nselect 1;\rselect 2;\n\n"), -1_978_015_683);
    }

    #[test]
    fn line_ends_do_not_count() {
        let expected = checksum("CREATE TABLE a (id int);\nSELECT 1;\n");
        for text in [
            "CREATE TABLE a (id int);\r\nSELECT 1;\r\n",
            "CREATE TABLE a (id int);\rSELECT 1;",
            "CREATE TABLE a (id int);\n\n\nSELECT 1;",
        ] {
            assert_eq!(checksum(text), expected, "{text:?}");
        }
        assert_ne!(checksum("CREATE TABLE a (id int); \nSELECT 1;\n"), expected);
    }
}
