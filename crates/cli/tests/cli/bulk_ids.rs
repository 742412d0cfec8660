//! One envelope in two spellings: a GUID is the same in capitals and in small letters.

use crate::bulk::Batch;

#[test]
fn an_envelope_in_two_spellings_is_the_same_line_and_is_sent_as_it_was_written() {
    for batch in Batch::all("ids", 1) {
        let (small, capitals) = (batch.envelopes[0].clone(), batch.envelopes[0].to_ascii_uppercase());
        assert_ne!(small, capitals);
        let line = |id: &str| format!("{id},email:anna0@example.com\n");
        batch.write(&format!("envelope,recipient\n{}{}", line(&small), line(&capitals)));
        batch.stage.world.clear_calls();
        let ran = batch.run("resend", &[]);
        assert_eq!((ran.code, batch.stage.world.calls().len()), (3, 0), "{ran:?}");
        assert!(ran.err.contains("line 3: is the same as line 2"), "{ran:?}");

        batch.write(&format!("envelope,recipient\n{}", line(&capitals)));
        batch.run("resend", &[]).ends(0);
        let sent = |call: &countersign_sandbox::CallSeen| {
            call.path.contains(&capitals)
                || call.query.as_deref().is_some_and(|query| query.contains(&capitals))
        };
        assert!(batch.stage.world.calls().iter().all(sent), "{:?}", batch.stage.world.calls());
        batch.everybody_once();

        // What the results file knows of it, it knows in either spelling.
        batch.write(&format!("envelope,recipient\n{}", line(&small)));
        batch.run("resend", &[]).ends(0).prints("nothing was left to do");
        batch.everybody_once();
    }
}
