//! Whatever an answer holds, reading it ends in a result or an error, and never shows what it held.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod common;

use common::{account, answer, context, envelope, named, view_of};
use countersign_core::vendor::perform;
use countersign_core::{ListRecipients, Operation, RecipientId, ResendRecipient};
use countersign_testkit::Script;
use proptest::prelude::*;
use serde_json::{Map, Value};

fn run<T>(call: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(call)
}

fn json() -> impl Strategy<Value = Value> {
    let words = prop_oneof![
        Just("recipientId"),
        Just("signers"),
        Just("name"),
        Just("status"),
        Just("routingOrder"),
        Just("errorDetails"),
        Just("errorCode"),
        Just("recipientUpdateResults"),
        Just("phoneNumber"),
        Just("recipientAuthenticationStatus"),
        Just("accessCodeResult"),
        Just("sentDateTime"),
        Just("url"),
        Just("agents"),
        Just("others"),
        Just("accessCode"),
        Just("currentRoutingOrder"),
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
        Just(Value::from("SUCCESS")),
        Just(Value::from("2016-10-05T21:18:12.3330000Z")),
    ];
    leaf.prop_recursive(5, 64, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((words.clone(), inner), 0..6).prop_map(|pairs| {
                Value::Object(pairs.into_iter().map(|(k, v)| (k.to_owned(), v)).collect::<Map<_, _>>())
            }),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_json_is_read_or_refused(body in json(), status in prop_oneof![Just(200u16), Just(400), Just(500)]) {
        let script = Script::new();
        script.json(status, &body);
        let cx = context(&script, Operation::ListRecipients);
        match run(perform(&account(), &cx, &ListRecipients::new(envelope()))) {
            Ok(list) => prop_assert!(serde_json::to_string(&list).is_ok()),
            Err(error) => {
                prop_assert!(!error.to_string().contains('\n'));
                prop_assert!(serde_json::to_string(&error).is_ok());
            }
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200), status in 200u16..600) {
        let script = Script::new();
        script.raw(status, &[], bytes);
        let cx = context(&script, Operation::ListRecipients);
        let _ = run(perform(&account(), &cx, &ListRecipients::new(envelope())));
    }

    /// An update is a success only if the answer says so about our recipient.
    #[test]
    fn no_answer_without_our_result_is_a_success(body in json()) {
        let said = body.get("recipientUpdateResults").and_then(Value::as_array).is_some_and(|all| {
            all.iter().any(|one| {
                one.get("recipientId").is_some_and(|id| id == "2" || id == 2) || all.len() == 1
            })
        });
        let script = Script::new();
        script.fixture(&answer("two_signers"));
        script.json(200, &body);
        let cx = context(&script, Operation::ResendRecipient);
        let result = run(perform(&account(), &cx, &ResendRecipient::new(envelope(), named("id:2"))));
        prop_assert!(said || result.is_err(), "{:?}", body);
    }

    /// Names and addresses reach the request word for word, whatever they are.
    #[test]
    fn values_of_the_list_arrive_in_the_request(name in "\\PC{1,30}", email in "\\PC{1,30}", id in "[^\\pC\\pZ]{1,20}") {
        prop_assume!(!name.trim().is_empty() && !email.trim().is_empty() && RecipientId::new(id.clone()).is_ok());
        let script = Script::new();
        script.json(200, &serde_json::json!({"currentRoutingOrder": "1", "signers": [{
            "recipientId": &id, "name": &name, "email": &email, "clientUserId": "c", "status": "sent", "routingOrder": "1",
        }]}));
        script.fixture(&answer("view"));
        let cx = context(&script, Operation::CreateView);
        run(perform(&account(), &cx, &view_of(named("client:c")))).unwrap();
        let body = script.finish()[1].json();
        prop_assert_eq!(&body["userName"], &Value::from(name));
        prop_assert_eq!(&body["email"], &Value::from(email));
        prop_assert_eq!(&body["recipientId"], &Value::from(id));
    }
}
