"""Every code of a problem, its status and what it means. docs/errors.md says the same, which a test sees to."""

CODES: dict[str, tuple[int, str]] = {
    "unauthenticated": (
        401,
        "There is no bearer token. `caravan token` makes one for the embedded platform.",
    ),
    "invalid_token": (
        401,
        (
            "The token is malformed, expired, meant for another audience, or signed with a key or algorithm that is not"
            " accepted; or the service account is revoked or over."
        ),
    ),
    "forbidden": (
        403,
        (
            "The token, or the membership of one whom the client has enrolled, lacks the role that the route needs;"
            " `detail` names it."
        ),
    ),
    "own_membership": (403, "Somebody else must change your own membership."),
    "own_request": (403, "Somebody else must approve what you requested yourself."),
    "engagement_required": (422, "The token names no engagement or several: say which with `?engagement=`."),
    "identity_provider_unavailable": (503, "The identity provider's keys can't be fetched."),
    "bad_request": (400, "The request can't be understood as HTTP wants it."),
    "malformed_json": (400, "The body is not valid JSON."),
    "malformed_multipart": (400, "The multipart body of an upload is broken or ends too early."),
    "not_found": (
        404,
        "There is no such object, or it is another client's or engagement's: the answer is the same.",
    ),
    "method_not_allowed": (405, "The path exists, but not with this method."),
    "too_many_requests": (
        429,
        "One subject sends more requests a second than it may; `Retry-After` says how long to wait.",
    ),
    "quota_reached": (
        429,
        "The client's quota of flows that run or of bytes delivered is reached; `Retry-After` says when to look again.",
    ),
    "too_large": (413, "The body, or the file in it, is larger than allowed here."),
    "unsupported_media_type": (415, "Uploads are `multipart/form-data`."),
    "invalid_request": (
        422,
        "A field or parameter is missing, unknown, or has a wrong value; `errors` lists all of them.",
    ),
    "invalid_cursor": (
        422,
        (
            "The cursor is of another list, of another order, or of before an upgrade or a restoration; ask without it"
            " for the first page."
        ),
    ),
    "invalid_event_id": (422, "`Last-Event-ID` is not an id of the event stream."),
    "invalid_value": (
        422,
        "The attribute takes a value of another type; or a time is over already or too far off.",
    ),
    "no_file": (422, "An upload holds exactly one file."),
    "one_file": (422, "An upload holds exactly one file."),
    "several_estates": (422, "The assets of a batch are of several estates; send a batch for each."),
    "too_many_assets": (422, "A batch sets fewer assets than that at once; the words say how many."),
    "unknown_asset": (422, "The asset does not exist in this engagement; `pointer` leads to it."),
    "unknown_unit": (
        422,
        "The attribute is not measured in this unit, or has none; the words name those it has.",
    ),
    "unknown_attribute": (
        422,
        "There is no such attribute, or Caravan alone writes it, or no column can mean it.",
    ),
    "unknown_column": (
        422,
        "No such column was delivered, or the sheet has several of this header; `pointer` leads to it.",
    ),
    "unknown_field": (
        422,
        "`fields`, `columns` or `sort` names what the list does not have, or can't be sorted by.",
    ),
    "unknown_flow_type": (422, "No service has announced this flow type; see `GET /flow-types`."),
    "unknown_keys": (
        422,
        "Neither version of the phase has rows of these keys; `unknown` lists them.",
    ),
    "unknown_option": (
        422,
        "The question did not offer this option, or the conflict does not have this value.",
    ),
    "unknown_upload": (422, "The upload does not exist in this engagement; `pointer` leads to it."),
    "unstorable": (
        422,
        "A value can't be stored: a NUL character, a broken character, a number or time out of range.",
    ),
    "edit_not_open": (409, "The edit is not answered, or is accepted or discarded already."),
    "plan_changed": (409, "Another version of the plan is in force by now; edit that one."),
    "plan_in_force": (409, "The version is the one in force; there is nothing to restore."),
    "not_a_version": (
        409,
        "The dataset is no version that edits have made, or the attempt none that the phase has shown before.",
    ),
    "other_inputs": (
        409,
        "What the plan is made of has changed since that version; roll the earlier phases back instead.",
    ),
    "already_a_member": (409, "Change the membership instead."),
    "name_taken": (409, "Another one has this name already."),
    "approval_closed": (409, "Somebody has decided already."),
    "question_closed": (409, "The phase has run again since; the question is no longer asked."),
    "flow_has_children": (409, "Another flow has grown from this one and lives; delete that one first."),
    "flow_running": (409, "A running flow can't be deleted; cancel it first."),
    "handoff_revoked": (
        409,
        "The flow that this one has grown from was rolled back, and this one with it; a new handoff makes a new flow.",
    ),
    "superseded": (
        409,
        "What this flow has grown from was handed over to another flow of its type since; go on with that one.",
    ),
    "has_children": (
        409,
        "Other flows have grown from this one; `cascade` says which, in order of undo, and what to ask for instead.",
    ),
    "irreversible": (409, "The rollback meets effects that can't be undone; accept each by name."),
    "no_assets": (409, "No phase of the estate shows assets now."),
    "needs_handoff": (
        422,
        (
            "A flow of this type begins with what another hands over; start a chain through it, or hand a completed "
            "flow over."
        ),
    ),
    "no_next_flow_type": (
        422,
        "Nothing follows a flow of this type, or the flow type named is its own: name another `target_flow_type`.",
    ),
    "unreachable_flow_type": (
        422,
        "No chain of announced flow types leads from the first flow type to `through`; the words say how it goes.",
    ),
    "handoff_running": (409, "A handoff to this flow type is under way; see `GET /flows/{id}/handoffs`."),
    "not_completed": (409, "Only a completed flow can be handed over, or has a report."),
    "no_report": (409, "No package that is installed beside the gateway reports on flows of these types."),
    "not_failed": (409, "Only a failed flow, or a rollback that stopped, can be retried."),
    "not_paused": (409, "The flow is not paused."),
    "not_running": (409, "A flow in this state does not take this order."),
    "not_selective": (409, "The phase declares no key to roll back selectively."),
    "not_skippable": (409, "The phase may not be left out, or not now."),
    "not_an_estate": (409, "The flow belongs to another one's estate; name the root flow."),
    "not_decided_here": (409, "The flow type, or the phase, takes no decisions of this kind."),
    "nothing_stale": (409, "No phase of the flow is stale: there is nothing to refresh."),
    "nothing_to_roll_back": (409, "Nothing has happened yet, or it is rolled back already."),
    "paused": (409, "The flow is paused; resume it first."),
    "phase_order": (409, "Other phases come first."),
    "phase_running": (409, "A phase of the flow is running; wait for it, or cancel."),
    "units_unsettled": (
        409,
        "Units of the phase were given out and nobody has answered for them; retry the flow or roll the phase back.",
    ),
    "rollback_running": (409, "A rollback of this flow is under way."),
    "stale_digest": (409, "What the rollback or the batch was planned for has changed since; plan it again."),
    "unknown_phase": (409, "The flow has no such phase."),
    "version_mismatch": (412, "It has changed since you read it (`If-Match`); read it again."),
    "in_flight": (409, "A request with the same `Idempotency-Key` is under way; ask again in a moment."),
    "idempotency_key_reused": (
        422,
        "The `Idempotency-Key` was used for another request within the last 24 hours.",
    ),
    "artifact_missing": (410, "The stored file is gone; run its phase again."),
    "internal_error": (500, "A fault of ours; `trace_id` leads to it in the log."),
    "artifact_store_unavailable": (503, "The artifact store can't be reached."),
    "busy": (503, "Something else holds what the request needs."),
    "database_unavailable": (503, "The database can't be reached."),
}
