//! A server that answers each vendor's calls with fixed bytes, as a process of its own.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// The server's process; ends with this value.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    pub(crate) url: String,
}

impl Process {
    pub(crate) fn start() -> Self {
        let this = std::env::current_exe().unwrap();
        let mut child = Command::new(this).arg("--serve").stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        Self { child, url: line.trim().to_owned() }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Serves until it is killed; prints its URL first.
pub(crate) fn serve() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    println!("http://{}", listener.local_addr().unwrap());
    serve_on(listener);
}

/// Serves for ever.
pub(crate) fn serve_on(listener: std::net::TcpListener) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let answers: &'static Answers = Box::leak(Box::new(Answers {
        recipients: answer(200, &recipients(9)),
        envelope: answer(200, ENVELOPE),
        view: answer(201, VIEW),
        updated: answer(200, UPDATED),
        document: answer(200, &document(9)),
        link: answer(200, LINK),
        done: answer(204, ""),
        details: answer(200, &details(9)),
        session: answer(201, SESSION),
        reminded: answer(200, REMINDED),
        at_documenso: answer(200, &at_documenso(9)),
        redistributed: answer(200, r#"{"success":true}"#),
        log: answer(200, &log(12)),
        newest: answer(200, &log(1)),
    }));
    runtime.block_on(async {
        listener.set_nonblocking(true).unwrap();
        let listener = TcpListener::from_std(listener).unwrap();
        while let Ok((socket, _)) = listener.accept().await {
            tokio::spawn(converse(socket, answers));
        }
    });
}

struct Answers {
    recipients: Vec<u8>,
    envelope: Vec<u8>,
    view: Vec<u8>,
    updated: Vec<u8>,
    document: Vec<u8>,
    link: Vec<u8>,
    done: Vec<u8>,
    details: Vec<u8>,
    session: Vec<u8>,
    reminded: Vec<u8>,
    at_documenso: Vec<u8>,
    redistributed: Vec<u8>,
    log: Vec<u8>,
    newest: Vec<u8>,
}

impl Answers {
    fn of(&self, head: &str) -> &[u8] {
        let boldsign = head.contains(" /v1/");
        match head.get(..4) {
            _ if head.contains("perpage=100 ") => &self.log,
            _ if head.contains("perpage=1 ") => &self.newest,
            Some("get ") if head.contains(DOCUMENSO) => &self.at_documenso,
            _ if head.contains(DOCUMENSO) => &self.redistributed,
            Some("get ") if head.contains(PANDADOC) => &self.details,
            Some("post") if head.contains("/session ") => &self.session,
            Some("post") if head.contains("/send-reminder ") => &self.reminded,
            _ if head.contains(PANDADOC) => &self.done,
            Some("get ") if head.contains("/getembeddedsignlink") => &self.link,
            Some("get ") if boldsign => &self.document,
            Some("get ") if head.contains("/recipients") => &self.recipients,
            Some("get ") => &self.envelope,
            _ if boldsign => &self.done,
            Some("post") => &self.view,
            _ => &self.updated,
        }
    }
}

/// Answers requests on one connection.
async fn converse(mut socket: TcpStream, answers: &'static Answers) {
    let _ = socket.set_nodelay(true);
    let mut buffer = Vec::with_capacity(8192);
    loop {
        let Some(end) = buffer.windows(4).position(|four| four == b"\r\n\r\n") else {
            match socket.read_buf(&mut buffer).await {
                Ok(0) | Err(_) => return,
                Ok(_) => continue,
            }
        };
        let head = String::from_utf8_lossy(&buffer[..end]).to_ascii_lowercase();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
        let whole = end + 4 + length.map_or(0, |length| length.trim().parse::<usize>().unwrap());
        while buffer.len() < whole {
            if matches!(socket.read_buf(&mut buffer).await, Ok(0) | Err(_)) {
                return;
            }
        }
        buffer.drain(..whole);
        if socket.write_all(answers.of(&head)).await.is_err() {
            return;
        }
    }
}

fn answer(status: u16, body: &str) -> Vec<u8> {
    let length = body.len();
    if status == 204 {
        return b"HTTP/1.1 204 No Content\r\nx-ratelimit-limit: 2000\r\nx-ratelimit-remaining: 1999\r\n\
            x-ratelimit-reset: 1795320000\r\n\r\n"
            .to_vec();
    }
    let head = format!(
        "HTTP/1.1 {status} OK\r\ncontent-type: application/json; charset=utf-8\r\ncontent-length: {length}\r\n\
         x-docusign-tracetoken: 6d1ea2b5-0000-4000-8000-5c1a1c1a1c1a\r\nx-ratelimit-limit: 3000\r\n\
         x-ratelimit-remaining: 2999\r\nx-ratelimit-reset: 1795320000\r\n\r\n"
    );
    (head + body).into_bytes()
}

const ENVELOPE: &str = r#"{"envelopeId":"5e29dc8d-54bb-4a7a-9a1c-33f0e2b5a001","status":"sent"}"#;

const VIEW: &str = r#"{"url":"https://demo.docusign.net/Signing/MTRedeem/v1/5e29dc8d?slt=0123456789abcdef0123456789abcdef"}"#;

const UPDATED: &str =
    r#"{"recipientUpdateResults":[{"recipientId":"8","errorDetails":{"errorCode":"SUCCESS","message":""}}]}"#;

/// Signers as the vendor lays them out, about half a KB each.
pub(crate) fn recipients(count: usize) -> String {
    let signer = |n: usize| {
        serde_json::json!({
            "creationReason": "sender", "isBulkRecipient": "false", "requireUploadSignature": "false",
            "name": format!("Anna Signer {n}"), "firstName": "Anna", "lastName": format!("Signer {n}"),
            "email": format!("anna{n}@example.com"), "recipientId": n.to_string(),
            "recipientIdGuid": format!("0a1b2c3d-0000-4000-8000-{n:012}"), "requireIdLookup": "false",
            "userId": format!("9f8e7d6c-0000-4000-8000-{n:012}"), "clientUserId": format!("client-{n}"),
            "routingOrder": "1", "note": "", "status": "sent", "completedCount": "0",
            "deliveryMethod": "email", "totalTabCount": "2", "recipientType": "signer",
            "sentDateTime": "2026-11-22T10:00:00.1230000Z",
            "recipientAuthenticationStatus": {"accessCodeResult": {"status": "Passed", "eventTimestamp": "2026-11-22T10:00:00.1230000Z"}}
        })
    };
    let signers: Vec<_> = (1..=count).map(signer).collect();
    serde_json::json!({
        "signers": signers, "agents": [], "editors": [], "intermediaries": [], "carbonCopies": [],
        "certifiedDeliveries": [], "inPersonSigners": [], "seals": [], "witnesses": [], "notaries": [],
        "recipientCount": count.to_string(), "currentRoutingOrder": "1"
    })
    .to_string()
}

const LINK: &str = r#"{"signLink":"https://app.boldsign.com/document/sign/?documentId=5e29dc8d&auth=0123456789abcdef0123456789abcdef"}"#;

/// A document as BoldSign lays it out, about a KB per signer: half of it is fields that are not read here, and the
/// history has two entries per signer.
pub(crate) fn document(count: usize) -> String {
    let field = |n: usize| {
        serde_json::json!({
            "id": format!("Signature{n}"), "type": "Signature", "value": "", "font": "Helvetica", "isRequired": true,
            "isReadOnly": false, "lineHeight": 15, "fontSize": 13, "fontHexColor": "#000000", "pageNumber": 1,
            "bounds": {"x": 100.0, "y": 120.5, "width": 120.0, "height": 20.0}
        })
    };
    let signer = |n: usize| {
        serde_json::json!({
            "id": format!("9f8e7d6c-0000-4000-8000-{n:012}"), "signerName": format!("Anna Signer {n}"),
            "signerRole": "", "signerEmail": format!("anna{n}@example.com"), "status": "NotCompleted",
            "enableAccessCode": true, "isAuthenticationFailed": false, "enableEmailOTP": false,
            "authenticationType": "AccessCode", "isDeliveryFailed": false, "isViewed": false, "order": n,
            "signerType": "Signer", "hostEmail": "", "hostName": "", "isReassigned": false, "privateMessage": "",
            "allowFieldConfiguration": false, "locale": "EN", "signType": "Single", "groupId": "",
            "phoneNumber": null, "idVerification": null, "kba": null, "recipientNotificationSettings": null,
            "authenticationRetryCount": null, "enableQes": null, "deliveryMode": "Email",
            "authenticationSettings": null, "groupSigners": null,
            "formFields": [field(n)]
        })
    };
    let events = |n: usize| {
        [("Sent", 1_795_000_000), ("Viewed", 1_795_000_600)].map(|(action, at)| {
            serde_json::json!({
                "id": format!("5c1a{n}"), "name": format!("Anna Signer {n}"), "email": format!("anna{n}@example.com"),
                "action": action, "timestamp": at, "ipaddress": "192.0.2.1"
            })
        })
    };
    let signers: Vec<_> = (1..=count).map(signer).collect();
    let history: Vec<_> = (1..=count).flat_map(events).collect();
    serde_json::json!({
        "documentId": "5e29dc8d-54bb-4a7a-9a1c-33f0e2b5a001", "brandId": "", "messageTitle": "Lease",
        "documentDescription": "", "status": "InProgress", "files": [{"documentName": "lease.pdf", "order": 1}],
        "senderDetail": {"name": "Sender", "emailAddress": "sender@example.com", "isViewed": false},
        "signerDetails": signers, "ccDetails": [], "documentHistory": history, "createdDate": 1_795_000_000,
        "expiryDate": 1_800_000_000, "enableSigningOrder": false, "disableEmails": false, "isDeleted": false,
        "inEditingMode": false, "displayStatus": "Waiting for others", "declineMessage": null, "revokeMessage": null
    })
    .to_string()
}

const DOCUMENSO: &str = " /api/v2/";

/// An envelope as Documenso lays it out: a field of each signer, with its settings, is as much again as the signer.
fn at_documenso(count: usize) -> String {
    let recipient = |n: usize| {
        serde_json::json!({
            "envelopeId": "envelope_wilixvycrhsdnzcf", "role": "SIGNER", "readStatus": "NOT_OPENED",
            "signingStatus": "NOT_SIGNED", "sendStatus": "SENT", "id": n, "email": format!("anna{n}@example.com"),
            "name": format!("Anna Signer {n}"), "token": format!("{n:020}"), "documentDeletedAt": null,
            "expired": null, "expiresAt": "2027-02-28T22:10:11.815Z", "expirationNotifiedAt": null, "signedAt": null,
            "authOptions": {"accessAuth": [], "actionAuth": []}, "signingOrder": 1, "rejectionReason": null
        })
    };
    let field = |n: usize| {
        serde_json::json!({
            "id": n, "secondaryId": format!("field_{n}"), "envelopeId": "envelope_wilixvycrhsdnzcf",
            "envelopeItemId": "envelope_item_abcdefghijklmnop", "recipientId": n, "type": "SIGNATURE", "page": 1,
            "positionX": "10", "positionY": "10", "width": "20", "height": "5", "customText": "", "inserted": false,
            "fieldMeta": {"type": "signature", "fontSize": 18, "overflow": "crop"}
        })
    };
    let recipients: Vec<_> = (1..=count).map(recipient).collect();
    let fields: Vec<_> = (1..=count).map(field).collect();
    serde_json::json!({
        "type": "DOCUMENT", "status": "PENDING", "source": "DOCUMENT", "visibility": "EVERYONE", "templateType": "PRIVATE",
        "id": "envelope_wilixvycrhsdnzcf", "secondaryId": "document_5", "externalId": null,
        "createdAt": "2026-11-28T22:10:11.717Z", "updatedAt": "2026-11-28T22:10:11.815Z", "completedAt": null,
        "deletedAt": null, "title": "Lease", "authOptions": {"globalAccessAuth": [], "globalActionAuth": []},
        "documentMeta": {"signingOrder": "PARALLEL", "distributionMethod": "EMAIL", "redirectUrl": null, "subject": null,
            "message": null, "timezone": "Etc/UTC", "dateFormat": "yyyy-MM-dd hh:mm a", "language": "en",
            "emailSettings": {"recipientSigningRequest": true, "recipientRemoved": true, "documentCompleted": true}},
        "recipients": recipients, "fields": fields,
        "envelopeItems": [{"id": "envelope_item_abcdefghijklmnop", "title": "lease", "order": 1}]
    })
    .to_string()
}

/// The newest entries of a log: of more than one, the first is the mail to the eighth signer.
fn log(entries: usize) -> String {
    let entry = |n: usize| {
        serde_json::json!({
            "id": format!("cmx0ypw0f{n:03}"), "createdAt": "2026-11-28T22:09:02.031Z", "type": "EMAIL_SENT", "data": {
                "recipientEmail": "anna8@example.com", "recipientName": "Anna Signer 8", "recipientId": 8,
                "recipientRole": "SIGNER", "emailType": "SIGNING_REQUEST", "isResending": true}
        })
    };
    let entries: Vec<_> = (1..=entries).rev().map(entry).collect();
    serde_json::json!({ "data": entries }).to_string()
}

const PANDADOC: &str = " /public/v1/";

const SESSION: &str = r#"{"id":"QYCPtavst3DqqBK72ZRtbF","expires_at":"2026-11-22T11:00:00.000000Z"}"#;

const REMINDED: &str = r#"{"result":[{"recipient_id":"00000000000000000008","email":{"status":"sent","sent_at":"2026-11-22T10:00:00.000000Z"}}]}"#;

/// A document as PandaDoc lays it out: a signer takes about half a KB, and as much again has fields that no one here
/// reads.
pub(crate) fn details(count: usize) -> String {
    let recipient = |n: usize| {
        serde_json::json!({
            "id": format!("{n:020}"), "contact_id": format!("9{n:019}"), "first_name": "Anna",
            "last_name": format!("Signer {n}"), "email": format!("anna{n}@example.com"), "phone": null,
            "recipient_type": "signer", "signing_order": null, "type": "recipient", "role": "", "roles": [],
            "has_completed": false, "signature_date": null,
            "shared_link": "https://app.pandadoc.com/document/v2?token=0123456789abcdef0123456789abcdef",
            "delivery_methods": {"email": true, "sms": false}, "redirect": {"is_enabled": false, "url": null},
            "verification_settings": {"verification_place": "before_open",
                "passcode_verification": {"passcode": "Old-2345"}}, "avatar": null
        })
    };
    let field = |n: usize| {
        serde_json::json!({
            "uuid": format!("5c1a1c1a-0000-4000-8000-{n:012}"), "name": format!("Signature{n}"), "title": "",
            "placeholder": "", "value": {}, "type": "signature", "merge_field": null, "field_id": format!("f{n}"),
            "assigned_to": {"id": format!("{n:020}"), "email": format!("anna{n}@example.com"), "type": "recipient"},
            "settings": {"required": true}
        })
    };
    let recipients: Vec<_> = (1..=count).map(recipient).collect();
    let fields: Vec<_> = (1..=count).map(field).collect();
    serde_json::json!({
        "id": "5e29dc8d-54bb-4a7a-9a1c-33f0e2b5a001", "name": "Lease", "status": "document.sent",
        "date_created": "2026-11-22T10:00:00.000000Z", "date_sent": "2026-11-22T10:01:00.000000Z",
        "expiration_date": "2027-01-21T10:01:00.000000Z", "version": "2", "recipients": recipients,
        "fields": fields, "tokens": [], "metadata": {}, "tags": [], "lock": null
    })
    .to_string()
}
