#!/bin/sh
# Gives a locked signer new attempts, and prints a signing link. Needs curl and jq.
#
# COUNTERSIGN_KEY=cs_… sh unlock.sh http://127.0.0.1:8790 sales:ENVELOPE email:anna@example.com NEW-CODE
set -eu
gateway=$1 envelope=$2 recipient=$3 code=$4
answer=$(mktemp)
trap 'rm -f "$answer"' EXIT

# Repeats a request (method, path, body) under one key until it is done, must not be repeated, or took two minutes.
call() {
    # Keep it with the job, so that the call is made once even if this process dies.
    key=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
    end=$(($(date +%s) + 120)) wait=1
    while :; do
        : >"$answer"
        # The gateway itself gives up after 60 s. Other users of the machine can read arguments, so the secret is none.
        status=$(printf 'Authorization: Bearer %s' "$COUNTERSIGN_KEY" | curl -sS --max-time 75 -X "$1" -H @- \
            -H "Idempotency-Key: $key" -H 'Content-Type: application/json' ${3:+--data-raw "$3"} \
            -o "$answer" -w '%{http_code}' "$gateway$2") || status=000
        case $status in 2*) return ;; esac
        # Of a lost connection, or of a proxy's answer without JSON: the key makes a repetition safe.
        jq -es '.[0].retry != null' "$answer" >/dev/null 2>&1 || echo '{"retry": true, "outcome": "unknown",
            "detail": "no answer of the gateway", "hint": "see its log"}' >"$answer"
        pause=$(jq ".retry_after_seconds // $wait" "$answer")
        # `retry` decides, not the status.
        if ! jq -e .retry "$answer" >/dev/null || [ $(($(date +%s) + pause)) -gt "$end" ]; then
            jq -r '"\(.detail) (outcome: \(.outcome))\nnext: \(.hint)"' "$answer" >&2
            exit 1
        fi
        sleep "$pause"
        wait=$((wait < 5 ? 2 * wait : 10))
    done
}

at=/v1/envelopes/$envelope
call GET "$at/recipients"
jq -r '.recipients[] | "\(.id) \(.name) \(.status) \(if .locked then "locked" else "" end)"' "$answer" >&2
call POST "$at/unlocks" "$(jq -nc --arg to "$recipient" --arg code "$code" '{recipient: $to, code: $code}')"
jq -r 'if .by then "unlocked by \(.by)" else "not locked: the code stays as it was" end' "$answer" >&2
back=https://app.example.com/signed
call POST "$at/views" "$(jq -nc --arg to "$recipient" --arg back "$back" '{recipient: $to, return_url: $back}')"
jq -r .link "$answer"
