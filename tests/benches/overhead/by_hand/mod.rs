//! The vendors of the benchmark, each called as an application would that knows it alone: reqwest, serde, the members
//! that it needs, a time limit, no redirects. A vendor's file has all that is its own; it is entered here.
#![allow(
    dead_code,
    reason = "the parser reads members as an application would have them, used further or not"
)]

pub(crate) mod boldsign;
pub(crate) mod documenso;
pub(crate) mod docusign;
pub(crate) mod pandadoc;

use std::sync::Arc;

use bytes::Bytes;
use countersign::BaseUrl;
use countersign::provider::Provider;
use reqwest::{RequestBuilder, StatusCode};
use serde::Serialize;

use crate::calls::{CODE, Operation, SIGNER};

/// What the benchmark has to know of a vendor.
#[derive(Debug)]
pub(crate) struct Vendor {
    pub(crate) name: &'static str,
    pub(crate) provider: fn(BaseUrl) -> Arc<dyn Provider>,
    /// How many exchanges each of [`Operation::ALL`] takes, on both sides; `None` for what the vendor does not have.
    pub(crate) exchanges: [Option<i64>; 4],
    /// The allocations that the one list of each operation may add beyond the usual.
    pub(crate) more_of_a_list: i64,
    /// How the server answers: the first row that fits.
    pub(crate) answers: fn() -> Vec<Answer>,
}

/// The list, and then the change.
const USUAL: [Option<i64>; 4] = [Some(1), Some(2), Some(2), Some(2)];

/// How the line of a request begins and what else it contains, both in lower case; the status and body of the answer.
pub(crate) type Answer = (&'static str, &'static str, u16, String);

macro_rules! enter {
    ($($vendor:ident),*) => {
        /// In the order of the tables.
        pub(crate) static VENDORS: &[Vendor] = &[$($vendor::VENDOR),*];

        /// One vendor by hand.
        #[derive(Debug)]
        #[allow(non_camel_case_types, reason = "a variant is named as its file")]
        pub(crate) enum ByHand {
            $($vendor($vendor::ByHand)),*
        }

        impl ByHand {
            pub(crate) fn new(vendor: &Vendor, url: &str) -> Self {
                match vendor.name {
                    $(stringify!($vendor) => Self::$vendor($vendor::ByHand::new(url)),)*
                    other => panic!("{other} is not entered"),
                }
            }

            pub(crate) async fn call(&self, operation: Operation) {
                match self {
                    $(Self::$vendor(hand) => match operation {
                        Operation::List => drop(hand.list().await),
                        Operation::View => drop(hand.view(SIGNER).await),
                        Operation::Resend => hand.resend(SIGNER).await,
                        Operation::AccessCode => hand.change(SIGNER, CODE).await,
                    },)*
                }
            }
        }
    };
}

enter!(docusign, boldsign, documenso, pandadoc);

fn http() -> reqwest::Client {
    reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(std::time::Duration::from_secs(30))
        .build()
        .unwrap()
}

const NO_BODY: Option<&()> = None;

/// Sends a request, with a body if there is one.
async fn send(request: RequestBuilder, body: Option<&impl Serialize>) -> (StatusCode, Bytes) {
    let mut request = request.header("accept", "application/json");
    if let Some(body) = body {
        let body = serde_json::to_vec(body).unwrap();
        request = request.header("content-type", "application/json").body(body);
    }
    let answer = request.send().await.unwrap();
    assert!(answer.status().is_success());
    (answer.status(), answer.bytes().await.unwrap())
}
