//! A dump of the database and of what lies beside it contains no secret, in clear, in hexadecimal or in base64.

use std::fs;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use countersign_testkit::stores::planted::{PLANTED, found_in, plant};

use crate::support::{folder, open};

#[test]
fn the_search_finds_every_form() {
    let hex: String = PLANTED[0].bytes().map(|byte| format!("{byte:02x}")).collect();
    let encoded = STANDARD_NO_PAD.encode(format!("x{}y", PLANTED[1]));
    for (text, secret) in
        [(hex, PLANTED[0]), (encoded, PLANTED[1]), (format!("a{}b", PLANTED[2]), PLANTED[2])]
    {
        assert_eq!(found_in(text.as_bytes()), [secret]);
    }
}

#[tokio::test]
async fn no_file_of_the_store_contains_a_secret() {
    let folder = folder("secrets");
    let store = open(&folder);
    plant(&store).await;

    let leaks = |file: &str| found_in(&fs::read(folder.join(file)).unwrap());
    assert!(fs::metadata(folder.join("state.db-wal")).unwrap().len() > 4096, "the log has contents");
    for file in ["state.db", "state.db-wal", "state.db-shm"] {
        assert_eq!(leaks(file), Vec::<&str>::new(), "{file}");
    }
    // Closing the store moves everything from the log to the database.
    drop(store);
    assert_eq!(leaks("state.db"), Vec::<&str>::new());
}
