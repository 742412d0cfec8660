//! The README and the pages of the book, so that their examples are compiled and run as this crate's. A test of the
//! command line compares this list with the pages that there are. A vendor's page has none beyond the adapter's README, whose
//! examples are the adapter's tests.

macro_rules! pages {
    ($($name:ident: $path:literal;)+) => {
        $(#[doc = include_str!(concat!("../../", $path))] mod $name {})+
    };
}

pages! {
    readme: "README.md";
    bulk: "docs/src/bulk.md";
    configuration: "docs/src/configuration.md";
    develop_adding_a_vendor: "docs/src/develop/adding-a-vendor.md";
    develop_architecture: "docs/src/develop/architecture.md";
    develop_glossary: "docs/src/develop/glossary.md";
    develop_tests_and_fixtures: "docs/src/develop/tests-and-fixtures.md";
    embedded_signing: "docs/src/embedded-signing.md";
    errors: "docs/src/errors.md";
    gateway: "docs/src/gateway.md";
    gateway_operating: "docs/src/gateway/operating.md";
    guarantees: "docs/src/guarantees.md";
    introduction: "docs/src/introduction.md";
    json: "docs/src/json.md";
    moving: "docs/src/moving.md";
    operations: "docs/src/operations.md";
    operations_access_code: "docs/src/operations/access-code.md";
    operations_list_recipients: "docs/src/operations/list-recipients.md";
    operations_plan: "docs/src/operations/plan.md";
    operations_resend: "docs/src/operations/resend.md";
    operations_signing_view: "docs/src/operations/signing-view.md";
    operations_unlock: "docs/src/operations/unlock.md";
    performance: "docs/src/performance.md";
    quickstart: "docs/src/quickstart.md";
    routing: "docs/src/routing.md";
    sandbox: "docs/src/sandbox.md";
    state: "docs/src/state.md";
    testing: "docs/src/testing.md";
    testing_cassettes: "docs/src/testing/cassettes.md";
    testing_conformance: "docs/src/testing/conformance.md";
    testing_doubles: "docs/src/testing/doubles.md";
    testing_sandbox: "docs/src/testing/sandbox.md";
    vendors: "docs/src/vendors.md";
    webhooks: "docs/src/webhooks.md";
}
