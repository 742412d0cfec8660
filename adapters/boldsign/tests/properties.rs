//! What must hold for every document: no recipient is lost, every id is another one, nothing panics.
#![allow(clippy::expect_used, reason = "a helper of a test fails the test")]

mod common;

use std::collections::BTreeSet;

use common::{list, named};
use countersign_boldsign::DESCRIPTOR;
use countersign_core::{ErrorKind, RecipientRef, Recipients};
use countersign_testkit::Script;
use proptest::prelude::*;

fn read(document: &serde_json::Value) -> Result<Recipients, countersign_core::Error> {
    let script = Script::new();
    script.json(200, document);
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(list(&script))
}

fn any_json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        "\\PC{0,12}".prop_map(Into::into),
    ];
    let names = prop_oneof![
        Just("signerDetails".to_owned()),
        Just("ccDetails".to_owned()),
        Just("documentHistory".to_owned()),
        Just("signerEmail".to_owned()),
        Just("phoneNumber".to_owned()),
        Just("status".to_owned()),
        Just("order".to_owned()),
        Just("timestamp".to_owned()),
        Just("errors".to_owned()),
        Just("error".to_owned()),
        "\\PC{0,6}",
    ];
    leaf.prop_recursive(4, 40, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Into::into),
            prop::collection::vec((names.clone(), inner), 0..6)
                .prop_map(|members| serde_json::Value::Object(members.into_iter().collect())),
        ]
    })
}

fn any_row() -> impl Strategy<Value = serde_json::Value> {
    let email = prop_oneof![
        Just(None),
        Just(Some(String::new())),
        Just(Some("anna@example.com".to_owned())),
        Just(Some("zoë+a@example.com".to_owned())),
        "\\PC{0,300}".prop_map(Some),
        "[\\x00-\\x20#~]{0,8}".prop_map(Some),
    ];
    let status = prop_oneof![
        Just(None),
        Just(Some("NotCompleted")),
        Just(Some("Completed")),
        Just(Some("Declined")),
        Just(Some("Odd"))
    ];
    let phone = prop_oneof![Just(None), "[0-9+ ]{0,14}".prop_map(Some)];
    (email, prop::option::of(-2_i64..4), status, phone, any::<Option<bool>>(), 0..3_usize).prop_map(
        |(email, order, status, phone, reassigned, members)| {
            serde_json::json!({
                "signerEmail": email,
                "order": order,
                "status": status,
                "phoneNumber": phone.map(|number| serde_json::json!({"countryCode": "+49", "number": number})),
                "isReassigned": reassigned,
                "groupSigners": vec![serde_json::json!({"signerEmail": "anna@example.com"}); members],
            })
        },
    )
}

proptest! {
    #[test]
    fn nobody_is_lost_and_each_id_finds_its_own(
        rows in prop::collection::vec(any_row(), 0..8),
        copies in prop::collection::vec(prop::option::of("[a-b]{1}@example.com"), 0..4),
        ordered in any::<Option<bool>>(),
    ) {
        let members: usize = rows.iter().map(|row| row["groupSigners"].as_array().map_or(0, Vec::len)).sum();
        let document = serde_json::json!({
            "documentId": "d",
            "enableSigningOrder": ordered,
            "signerDetails": rows,
            "ccDetails": copies.iter().map(|email| serde_json::json!({"emailAddress": email})).collect::<Vec<_>>(),
        });
        let list = read(&document).expect("a list");
        prop_assert_eq!(list.recipients.len(), rows.len() + members + copies.len());
        let ids: BTreeSet<&str> = list.recipients.iter().map(|person| person.id.as_str()).collect();
        prop_assert_eq!(ids.len(), list.recipients.len(), "an id occurs twice");
        for person in &list.recipients {
            // The text form of an id names the same recipient again.
            let again: RecipientRef = named(&format!("id:{}", person.id));
            prop_assert_eq!(&again.find(&list).expect("themselves").id, &person.id);
        }
        prop_assert_eq!(&read(&document).expect("a list"), &list, "the same document gives the same ids");
    }

    #[test]
    fn an_id_is_address_and_order(user in "[a-z0-9.+#]{1,20}", order in 0_i64..50) {
        let email = format!("{user}@example.com");
        let document = serde_json::json!({"signerDetails": [{"signerEmail": email, "order": order}]});
        let list = read(&document).expect("a list");
        let id = list.recipients[0].id.as_str();
        let order = order.to_string();
        prop_assert_eq!(id.rsplit_once('#'), Some((email.as_str(), order.as_str())));
    }

    #[test]
    fn any_json_is_read_or_refused_and_never_more(document in any_json()) {
        if let Err(error) = read(&document) {
            prop_assert_eq!(error.kind(), ErrorKind::InvalidResponse);
        }
    }

    #[test]
    fn a_problem_is_read_out_of_anything(status in 100_u16..600, body in prop::collection::vec(any::<u8>(), 0..200), json in any_json()) {
        let headers = http::HeaderMap::new();
        let problem = (DESCRIPTOR.read_problem)(status, &headers, &body.into());
        prop_assert_eq!(problem.status, status);
        (DESCRIPTOR.read_problem)(status, &headers, &json.to_string().into());
    }
}
