//! Envelopes with their account in front.

use crate::support::{BACK, Stage, folder};

const ANNA: &str = "email:anna+sign@example.com";

#[test]
fn an_envelope_may_have_its_account_in_front() {
    for stage in Stage::all() {
        let envelope = stage.envelope().id;
        let owned = format!("trial:{envelope}");
        let list = |id: &str| stage.run(&["recipients", id, "--json"]);
        assert_eq!(list(&owned).json(), list(&envelope).json());
        for arguments in [
            ["view", &owned, "--recipient", ANNA, "--return-url", BACK].as_slice(),
            &["resend", &owned, "--recipient", ANNA],
            &["access-code", &owned, "--recipient", ANNA, "--generate", "8"],
            &["plan", "resend", &owned, "--recipient", ANNA],
            &["--account", "trial", "recipients", &owned],
        ] {
            let ran = stage.run(arguments);
            assert_eq!(ran.code, 0, "{ran:?}");
        }
    }
}

#[test]
fn only_a_configured_account_counts_and_only_once() {
    for stage in Stage::all() {
        let envelope = stage.envelope().id;
        // Any other id with a colon is the vendor's affair.
        let unknown = stage.run(&["recipients", &format!("other:{envelope}")]);
        assert_eq!(unknown.code, 5, "{unknown:?}");
        assert!(unknown.err.starts_with("there is no account `other`"), "{unknown:?}");
        let ran = stage.run(&["recipients", "trial:.."]);
        assert_eq!((ran.code, ran.out.as_str()), (3, ""), "{ran:?}");
        let two = stage.run(&["--account", "other", "recipients", &format!("trial:{envelope}")]);
        assert_eq!((two.code, two.out.as_str()), (3, ""), "{two:?}");
        assert!(two.err.contains("`trial`") && two.err.contains("`other`"), "{two:?}");
    }
}

#[test]
fn the_lines_of_a_file_may_have_it_too() {
    for stage in Stage::all() {
        let envelope = stage.envelope().id;
        let file = folder("owned").join(format!("{}.csv", stage.name));
        std::fs::write(&file, format!("envelope\ntrial:{envelope}\n")).expect("a file");
        let ran =
            stage.run(&["--account", "elsewhere", "recipients", "--from", file.to_str().expect("a name")]);
        assert_eq!(ran.code, 0, "{ran:?}");
        let file = folder("owned").join(format!("{}-two.csv", stage.name));
        std::fs::write(&file, format!("account,envelope\nother,trial:{envelope}\n")).expect("a file");
        let ran = stage.run(&["recipients", "--from", file.to_str().expect("a name")]);
        assert_eq!(ran.code, 3, "{ran:?}");
        assert!(ran.err.contains("line 2, account: differs"), "{ran:?}");
    }
}
