//! Finds reads that forget who asks: every public read of `src/query` takes a viewer.

use super::source::production;

/// Steps of a watch, which began for a viewer.
const OF_A_WATCH: &[&str] = &["next"];

/// Public functions of a file of `src/query` that may wait, which a read does, and take no viewer.
pub(super) fn forgotten(path: &str, text: &str) -> Vec<String> {
    let code = production(path, text);
    let reads = code.split("pub async fn ").skip(1);
    reads
        .filter_map(|read| {
            let (name, rest) = read.split_once('(')?;
            let (parameters, _) = rest.split_once("->").unwrap_or((rest, ""));
            let named = parameters.contains("viewer: &Viewer");
            (!named && !OF_A_WATCH.contains(&name.trim())).then(|| name.trim().to_owned())
        })
        .map(|name| format!("the read {name} takes no `viewer: &Viewer`"))
        .collect()
}

#[test]
fn a_read_without_a_viewer_is_found() {
    for text in [
        "impl Reads { pub async fn get(&self) -> Result<A, E> { self.all().await } }",
        "pub async fn list(\n    &self,\n    page: &PageAsk,\n) -> Result<A, E> {\n    let viewer: &Viewer = x;\n}",
    ] {
        assert_eq!(forgotten("src/query/x.rs", text).len(), 1, "{text}");
    }
    for text in [
        "pub async fn get(&self, viewer: &Viewer) -> Result<A, E> {}",
        "pub async fn next(&mut self) -> Result<Step, E> {}",
        "pub(super) async fn rows(&self) -> Result<A, E> {}",
        "#[cfg(test)]\nmod tests {\n    pub async fn get() {}\n}",
    ] {
        assert!(forgotten("src/query/x.rs", text).is_empty(), "{text}");
    }
}
