-- Frozen: later changes are later migrations.
create schema running;

CREATE TABLE client_accounts (
	client_account_id UUID NOT NULL, 
	name TEXT NOT NULL, 
	quotas JSONB DEFAULT '{}'::jsonb NOT NULL, 
	learned JSONB, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	CONSTRAINT pk_client_accounts PRIMARY KEY (client_account_id), 
	CONSTRAINT uq_client_accounts_name UNIQUE (name)
);
comment on column client_accounts.client_account_id is 'the tenant';
comment on column client_accounts.name is 'unique, shown to people';
comment on column client_accounts.quotas is 'limits of this client: flows running, upload bytes, tokens';
comment on column client_accounts.learned is 'DatasetManifest of what it has taught by now; null: nothing';
comment on column client_accounts.created_at is 'when the row was written';

CREATE TABLE flow_types (
	flow_type TEXT NOT NULL, 
	version TEXT NOT NULL, 
	digest TEXT NOT NULL, 
	definition JSONB DEFAULT '{}'::jsonb NOT NULL, 
	owner TEXT, 
	slots INTEGER DEFAULT 1 NOT NULL, 
	replicas JSONB DEFAULT '{}'::jsonb NOT NULL, 
	announced_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	CONSTRAINT uq_flow_types_flow_type_version UNIQUE (flow_type, version)
);
comment on column flow_types.flow_type is 'name, as announced';
comment on column flow_types.version is 'semantic version of the definition';
comment on column flow_types.digest is 'SHA-256 of the definition: the same version with another digest is refused';
comment on column flow_types.definition is 'FlowDefinition as JSON';
comment on column flow_types.owner is 'broker user that announced it';
comment on column flow_types.slots is 'slots of all replicas last seen';
comment on column flow_types.replicas is 'worker → slots and when it last announced';
comment on column flow_types.announced_at is 'last announcement';
comment on column flow_types.created_at is 'when the row was written';

CREATE TABLE running.attempt_tenants (
	attempt_id UUID NOT NULL, 
	flow_id UUID NOT NULL, 
	client_account_id UUID NOT NULL, 
	engagement_id UUID NOT NULL, 
	flow_type TEXT NOT NULL, 
	CONSTRAINT pk_attempt_tenants PRIMARY KEY (attempt_id)
);
CREATE INDEX ix_attempt_tenants_flow_id ON running.attempt_tenants (flow_id);
comment on column running.attempt_tenants.flow_type is 'whose broker user may reply';

CREATE TABLE running.audit_heads (
	chain_id UUID NOT NULL, 
	client_account_id UUID NOT NULL, 
	sequence BIGINT, 
	head TEXT NOT NULL, 
	sealed BIGINT DEFAULT 0 NOT NULL, 
	CONSTRAINT pk_audit_heads PRIMARY KEY (chain_id)
);
CREATE INDEX ix_audit_heads_unsealed ON running.audit_heads (chain_id) WHERE sealed < sequence;
comment on column running.audit_heads.chain_id is 'the flow, or the engagement for its own chain';
comment on column running.audit_heads.sequence is 'number of the newest row';
comment on column running.audit_heads.head is 'hash of the newest row';
comment on column running.audit_heads.sealed is 'newest number a seal has covered';

CREATE TABLE running.audit_seals (
	number BIGINT NOT NULL, 
	heads JSONB DEFAULT '{}'::jsonb NOT NULL, 
	previous TEXT NOT NULL, 
	hash TEXT NOT NULL, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	CONSTRAINT pk_audit_seals PRIMARY KEY (number)
);
comment on column running.audit_seals.heads is 'chain → [sequence, hash] of every chain that grew since the seal before';
comment on column running.audit_seals.previous is 'hash of the seal before; empty for the first';
comment on column running.audit_seals.hash is 'SHA-256 over previous and the canonical JSON of heads';
comment on column running.audit_seals.created_at is 'when the row was written';

CREATE TABLE running.dead_letters (
	id UUID NOT NULL, 
	queue TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	error_group TEXT NOT NULL, 
	error TEXT, 
	type TEXT NOT NULL, 
	message_id TEXT, 
	attempt_id UUID, 
	flow_id UUID, 
	client_account_id UUID, 
	headers JSONB DEFAULT '{}'::jsonb NOT NULL, 
	body BYTEA NOT NULL, 
	status TEXT DEFAULT 'parked' NOT NULL, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	replayed_at TIMESTAMP WITH TIME ZONE, 
	CONSTRAINT pk_dead_letters PRIMARY KEY (id)
);
CREATE INDEX ix_dead_letters_status_error_group ON running.dead_letters (status, error_group);
comment on column running.dead_letters.id is 'UUIDv7, made by the service';
comment on column running.dead_letters.queue is 'queue it died in';
comment on column running.dead_letters.reason is 'rejected, delivery_limit, expired';
comment on column running.dead_letters.error_group is 'what makes dead letters alike';
comment on column running.dead_letters.status is 'parked, replayed, discarded';
comment on column running.dead_letters.created_at is 'when the row was written';

CREATE TABLE running.due (
	kind TEXT NOT NULL, 
	id UUID NOT NULL, 
	flow_id UUID NOT NULL, 
	client_account_id UUID NOT NULL, 
	engagement_id UUID NOT NULL, 
	at TIMESTAMP WITH TIME ZONE, 
	lease_at DOUBLE PRECISION, 
	lease_seconds DOUBLE PRECISION, 
	generation BIGINT DEFAULT 0 NOT NULL, 
	CONSTRAINT pk_due PRIMARY KEY (kind, id)
);
CREATE INDEX ix_due_at ON running.due (kind, at) WHERE at is not null;
CREATE INDEX ix_due_lease_at ON running.due (lease_at) WHERE lease_at is not null;
comment on column running.due.kind is 'wakeup, lease, index, fold, rollback, collect';
comment on column running.due.id is 'flow, attempt, dataset, estate or rollback';
comment on column running.due.at is 'when to look at it, by the database''s clock';
comment on column running.due.lease_at is 'for leases: when it runs out, by the lease clock';
comment on column running.due.lease_seconds is 'how much a heartbeat adds to the lease clock';
comment on column running.due.generation is 'rises when asked again while being worked on';

CREATE TABLE running.inbox (
	message_id UUID NOT NULL, 
	received_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	CONSTRAINT pk_inbox PRIMARY KEY (message_id)
);
CREATE INDEX ix_inbox_received_at ON running.inbox (received_at);
comment on column running.inbox.message_id is 'of a message that was taken in: a repeat has no effect';
comment on column running.inbox.received_at is 'when; old ones are pruned';

CREATE TABLE running.collection (
	one BOOLEAN DEFAULT true NOT NULL, 
	upto UUID NOT NULL, 
	CONSTRAINT pk_collection PRIMARY KEY (one)
);
comment on column running.collection.one is 'there is one row';
comment on column running.collection.upto is 'runs of attempts up to this one (ids rise with time) were looked at, or are due';

CREATE TABLE running.lease_clock (
	one BOOLEAN DEFAULT true NOT NULL, 
	value DOUBLE PRECISION DEFAULT 0 NOT NULL, 
	ticked_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	CONSTRAINT pk_lease_clock PRIMARY KEY (one)
);
comment on column running.lease_clock.one is 'there is one row';
comment on column running.lease_clock.value is 'seconds the platform has been alive';
comment on column running.lease_clock.ticked_at is 'when it last advanced';

CREATE TABLE running.outbox (
	id UUID NOT NULL, 
	client_account_id UUID NOT NULL, 
	flow_id UUID NOT NULL, 
	attempt_id UUID, 
	epoch BIGINT DEFAULT 0 NOT NULL, 
	kind TEXT NOT NULL, 
	exchange TEXT NOT NULL, 
	routing_key TEXT NOT NULL, 
	type TEXT NOT NULL, 
	body TEXT NOT NULL, 
	traceparent TEXT, 
	claimed_until TIMESTAMP WITH TIME ZONE, 
	sent_at TIMESTAMP WITH TIME ZONE, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	CONSTRAINT pk_outbox PRIMARY KEY (id)
);
CREATE INDEX ix_outbox_attempt_id ON running.outbox (attempt_id);
CREATE INDEX ix_outbox_flow_id ON running.outbox (flow_id);
CREATE INDEX ix_outbox_out ON running.outbox (routing_key) WHERE sent_at is not null;
CREATE INDEX ix_outbox_unsent ON running.outbox (routing_key, client_account_id, id) WHERE sent_at is null;
comment on column running.outbox.id is 'UUIDv7, made by the service';
comment on column running.outbox.client_account_id is 'whose message it is: fairness between clients';
comment on column running.outbox.attempt_id is 'set on commands: at most one row per attempt is out';
comment on column running.outbox.epoch is 'epoch of the command';
comment on column running.outbox.kind is 'command, cancel or event';
comment on column running.outbox.exchange is 'where it is published';
comment on column running.outbox.routing_key is 'for commands, the worker queue: the window is counted by it';
comment on column running.outbox.type is 'message type';
comment on column running.outbox.body is 'the message as JSON, as it is sent';
comment on column running.outbox.traceparent is 'trace context to be put back before publishing';
comment on column running.outbox.claimed_until is 'a relay is publishing it; after this another may';
comment on column running.outbox.sent_at is 'the broker confirmed it; a command stays until its attempt ends';
comment on column running.outbox.created_at is 'when the row was written';

CREATE TABLE engagements (
	id UUID NOT NULL, 
	client_account_id UUID NOT NULL, 
	name TEXT NOT NULL, 
	current_estate_id UUID, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	CONSTRAINT pk_engagements PRIMARY KEY (id), 
	CONSTRAINT uq_engagements_client_account_id_id UNIQUE (client_account_id, id), 
	CONSTRAINT uq_engagements_client_account_id_name UNIQUE (client_account_id, name), 
	CONSTRAINT fk_engagements_client_account_id FOREIGN KEY(client_account_id) REFERENCES client_accounts (client_account_id)
);
comment on column engagements.id is 'UUIDv7, made by the service';
comment on column engagements.client_account_id is 'the tenant';
comment on column engagements.name is 'unique within the client';
comment on column engagements.current_estate_id is 'root flow whose assets the engagement shows by default';
comment on column engagements.created_at is 'when the row was written';

CREATE TABLE users (
	id UUID NOT NULL, 
	client_account_id UUID NOT NULL, 
	subject TEXT NOT NULL, 
	display_name TEXT, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	CONSTRAINT pk_users PRIMARY KEY (id), 
	CONSTRAINT uq_users_client_account_id_subject UNIQUE (client_account_id, subject), 
	CONSTRAINT uq_users_client_account_id_id UNIQUE (client_account_id, id), 
	CONSTRAINT fk_users_client_account_id FOREIGN KEY(client_account_id) REFERENCES client_accounts (client_account_id)
);
comment on column users.id is 'UUIDv7, made by the service';
comment on column users.client_account_id is 'the tenant';
comment on column users.subject is 'the `sub` claim';
comment on column users.created_at is 'when the row was written';

CREATE TABLE idempotency_keys (
	client_account_id UUID NOT NULL, 
	engagement_id UUID NOT NULL, 
	key TEXT NOT NULL, 
	actor TEXT NOT NULL, 
	request_digest TEXT NOT NULL, 
	status_code INTEGER, 
	response JSONB, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	CONSTRAINT uq_idempotency_keys_client_account_id_engagement_id_actor_key UNIQUE (client_account_id, engagement_id, actor, key), 
	CONSTRAINT fk_idempotency_keys_client_account_id_engagement_id FOREIGN KEY(client_account_id, engagement_id) REFERENCES engagements (client_account_id, id)
);
comment on column idempotency_keys.client_account_id is 'whose row it is; forced row-level security compares it';
comment on column idempotency_keys.engagement_id is 'the engagement within the client';
comment on column idempotency_keys.request_digest is 'SHA-256 of method, path and body';
comment on column idempotency_keys.status_code is 'null: still in flight';
comment on column idempotency_keys.created_at is 'when the row was written';

CREATE TABLE memberships (
	id UUID NOT NULL, 
	client_account_id UUID NOT NULL, 
	engagement_id UUID NOT NULL, 
	user_id UUID NOT NULL, 
	roles TEXT[] NOT NULL, 
	expires_at TIMESTAMP WITH TIME ZONE, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	CONSTRAINT pk_memberships PRIMARY KEY (id), 
	CONSTRAINT uq_memberships_client_account_id_engagement_id_user_id UNIQUE (client_account_id, engagement_id, user_id), 
	CONSTRAINT ck_memberships_known_roles CHECK (roles <@ array['viewer','operator','approver','admin']), 
	CONSTRAINT fk_memberships_client_account_id_engagement_id FOREIGN KEY(client_account_id, engagement_id) REFERENCES engagements (client_account_id, id), 
	CONSTRAINT fk_memberships_client_account_id_user_id FOREIGN KEY(client_account_id, user_id) REFERENCES users (client_account_id, id)
);
comment on column memberships.id is 'UUIDv7, made by the service';
comment on column memberships.client_account_id is 'the tenant';
comment on column memberships.roles is 'of viewer, operator, approver, admin';
comment on column memberships.expires_at is 'null: never';
comment on column memberships.created_at is 'when the row was written';

CREATE TABLE migration_flows (
	id UUID NOT NULL, 
	client_account_id UUID NOT NULL, 
	engagement_id UUID NOT NULL, 
	flow_type TEXT NOT NULL, 
	definition_version TEXT NOT NULL, 
	name TEXT NOT NULL, 
	description TEXT, 
	status TEXT NOT NULL, 
	reason TEXT, 
	current_phase TEXT, 
	configuration JSONB DEFAULT '{}'::jsonb NOT NULL, 
	uploads JSONB DEFAULT '[]'::jsonb NOT NULL, 
	auto_advance BOOLEAN DEFAULT true NOT NULL, 
	auto_accept BOOLEAN DEFAULT false NOT NULL, 
	parent_flow_id UUID, 
	source_flow_type TEXT, 
	estate_id UUID NOT NULL, 
	lock_version BIGINT DEFAULT 0 NOT NULL, 
	event_sequence BIGINT DEFAULT 0 NOT NULL, 
	decision_sequence BIGINT DEFAULT 0 NOT NULL, 
	attempt_sequence BIGINT DEFAULT 0 NOT NULL, 
	audit_sequence BIGINT DEFAULT 0 NOT NULL, 
	audit_head TEXT DEFAULT '' NOT NULL, 
	next_wakeup_at TIMESTAMP WITH TIME ZONE, 
	paused_at TIMESTAMP WITH TIME ZONE, 
	deleted_at TIMESTAMP WITH TIME ZONE, 
	stale BOOLEAN DEFAULT false NOT NULL, 
	refreshing BOOLEAN DEFAULT false NOT NULL, 
	created_by_user UUID, 
	created_by TEXT, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	CONSTRAINT pk_migration_flows PRIMARY KEY (id), 
	CONSTRAINT uq_migration_flows_client_account_id_engagement_id_id UNIQUE (client_account_id, engagement_id, id), 
	CONSTRAINT fk_migration_flows_client_account_id_engagement_id_pare_31f6 FOREIGN KEY(client_account_id, engagement_id, parent_flow_id) REFERENCES migration_flows (client_account_id, engagement_id, id), 
	CONSTRAINT fk_migration_flows_client_account_id_engagement_id FOREIGN KEY(client_account_id, engagement_id) REFERENCES engagements (client_account_id, id)
);
CREATE INDEX ix_migration_flows_listed ON migration_flows (engagement_id, id) WHERE deleted_at is null;
CREATE INDEX ix_migration_flows_parent_flow_id ON migration_flows (parent_flow_id);
comment on column migration_flows.id is 'UUIDv7, made by the service';
comment on column migration_flows.client_account_id is 'whose row it is; forced row-level security compares it';
comment on column migration_flows.engagement_id is 'the engagement within the client';
comment on column migration_flows.flow_type is 'name of the flow type';
comment on column migration_flows.definition_version is 'version of the definition this flow runs by, fixed at creation';
comment on column migration_flows.name is 'given by the client';
comment on column migration_flows.status is 'state of the flow''s state machine';
comment on column migration_flows.reason is 'why it waits, failed or rolls back';
comment on column migration_flows.current_phase is 'the phase that is active, waits or failed';
comment on column migration_flows.configuration is 'as given at creation; as_of fixed then';
comment on column migration_flows.uploads is 'UploadRef list: the files this flow reads';
comment on column migration_flows.auto_advance is 'next phase starts by itself';
comment on column migration_flows.auto_accept is 'recommendations stand';
comment on column migration_flows.parent_flow_id is 'flow whose handoff created this one';
comment on column migration_flows.source_flow_type is 'flow type of the parent';
comment on column migration_flows.estate_id is 'root flow of the chain: the estate its assets belong to';
comment on column migration_flows.lock_version is 'rises with every decision; the ETag';
comment on column migration_flows.event_sequence is 'number of the newest event';
comment on column migration_flows.decision_sequence is 'number of the newest human decision';
comment on column migration_flows.attempt_sequence is 'number of the newest attempt: orders undo';
comment on column migration_flows.audit_sequence is 'number of the newest audit row of this flow';
comment on column migration_flows.audit_head is 'hash of the newest audit row of this flow';
comment on column migration_flows.next_wakeup_at is 'when the flow is looked at even if nobody says anything; null only at rest';
comment on column migration_flows.paused_at is 'dispatch is stopped';
comment on column migration_flows.deleted_at is 'marked deleted';
comment on column migration_flows.stale is 'a later decision changes its input';
comment on column migration_flows.refreshing is 'its stale phases are run one after the other until none is left';
comment on column migration_flows.created_by is 'subject of who created it';
comment on column migration_flows.created_at is 'when the row was written';
comment on column migration_flows.updated_at is 'last decision';

CREATE TABLE search_terms (
	client_account_id UUID NOT NULL, 
	engagement_id UUID NOT NULL, 
	term TEXT COLLATE "C" NOT NULL, 
	entity_kind TEXT NOT NULL, 
	entity_id UUID NOT NULL, 
	CONSTRAINT fk_search_terms_client_account_id_engagement_id FOREIGN KEY(client_account_id, engagement_id) REFERENCES engagements (client_account_id, id)
);
CREATE INDEX ix_search_terms_client_account_id_engagement_id_entity__201e ON search_terms (client_account_id, engagement_id, entity_kind, term);
CREATE INDEX ix_search_terms_client_account_id_entity_id ON search_terms (client_account_id, entity_id);
comment on column search_terms.client_account_id is 'whose row it is; forced row-level security compares it';
comment on column search_terms.engagement_id is 'the engagement within the client';
comment on column search_terms.term is 'lower-case word or part of a name';
comment on column search_terms.entity_kind is 'asset, flow';

CREATE TABLE uploads (
	id UUID NOT NULL, 
	client_account_id UUID NOT NULL, 
	engagement_id UUID NOT NULL, 
	name TEXT NOT NULL, 
	artifact_key TEXT NOT NULL, 
	sha256 TEXT NOT NULL, 
	bytes BIGINT DEFAULT 0 NOT NULL, 
	media_type TEXT, 
	created_by TEXT NOT NULL, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	CONSTRAINT pk_uploads PRIMARY KEY (id), 
	CONSTRAINT uq_uploads_client_account_id_engagement_id_id UNIQUE (client_account_id, engagement_id, id), 
	CONSTRAINT fk_uploads_client_account_id_engagement_id FOREIGN KEY(client_account_id, engagement_id) REFERENCES engagements (client_account_id, id)
);
comment on column uploads.id is 'UUIDv7, made by the service';
comment on column uploads.client_account_id is 'whose row it is; forced row-level security compares it';
comment on column uploads.engagement_id is 'the engagement within the client';
comment on column uploads.name is 'as the client called it: untrusted text';
comment on column uploads.created_at is 'when the row was written';

CREATE TABLE approvals (
	id UUID NOT NULL, 
	client_account_id UUID NOT NULL, 
	engagement_id UUID NOT NULL, 
	flow_id UUID NOT NULL, 
	phase TEXT NOT NULL, 
	subject TEXT NOT NULL, 
	status TEXT NOT NULL, 
	requested_by TEXT NOT NULL, 
	decided_by TEXT, 
	comment TEXT, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	decided_at TIMESTAMP WITH TIME ZONE, 
	CONSTRAINT pk_approvals PRIMARY KEY (id), 
	CONSTRAINT uq_approvals_client_account_id_engagement_id_id UNIQUE (client_account_id, engagement_id, id), 
	CONSTRAINT fk_approvals_client_account_id_engagement_id_flow_id FOREIGN KEY(client_account_id, engagement_id, flow_id) REFERENCES migration_flows (client_account_id, engagement_id, id)
);
comment on column approvals.id is 'UUIDv7, made by the service';
comment on column approvals.client_account_id is 'whose row it is; forced row-level security compares it';
comment on column approvals.engagement_id is 'the engagement within the client';
comment on column approvals.subject is 'what is to be approved';
comment on column approvals.status is 'open, approved, rejected, withdrawn';
comment on column approvals.created_at is 'when the row was written';

CREATE TABLE assets (
	id UUID NOT NULL, 
	client_account_id UUID NOT NULL, 
	engagement_id UUID NOT NULL, 
	estate_id UUID NOT NULL, 
	natural_key TEXT NOT NULL, 
	is_target BOOLEAN, 
	not_target_reason TEXT, 
	name TEXT, 
	hostname TEXT, 
	fqdn TEXT, 
	asset_type TEXT, 
	description TEXT, 
	ip_addresses TEXT[], 
	mac_addresses TEXT[], 
	bios_uuid TEXT, 
	serial_number TEXT, 
	external_ids TEXT[], 
	environment TEXT, 
	location TEXT, 
	datacenter TEXT, 
	rack TEXT, 
	availability_zone TEXT, 
	security_zone TEXT, 
	operating_system TEXT, 
	os_version TEXT, 
	vendor TEXT, 
	virtualization_platform TEXT, 
	virtualization_type TEXT, 
	server_role TEXT, 
	database_type TEXT, 
	database_version TEXT, 
	database_size_gb DOUBLE PRECISION, 
	technology_stack TEXT[], 
	cpu_cores BIGINT, 
	cpu_sockets BIGINT, 
	cpu_speed_mhz DOUBLE PRECISION, 
	memory_gb DOUBLE PRECISION, 
	storage_gb DOUBLE PRECISION, 
	storage_used_gb DOUBLE PRECISION, 
	disks BIGINT, 
	cpu_architecture TEXT, 
	boot_type TEXT, 
	hardware_model TEXT, 
	cpu_avg_percent DOUBLE PRECISION, 
	cpu_max_percent DOUBLE PRECISION, 
	memory_avg_percent DOUBLE PRECISION, 
	memory_max_percent DOUBLE PRECISION, 
	disk_iops DOUBLE PRECISION, 
	network_mbps DOUBLE PRECISION, 
	power_state TEXT, 
	created_at TIMESTAMP WITH TIME ZONE, 
	last_seen TIMESTAMP WITH TIME ZONE, 
	application_name TEXT, 
	application_type TEXT, 
	business_owner TEXT, 
	technical_owner TEXT, 
	department TEXT, 
	business_unit TEXT, 
	business_criticality TEXT, 
	data_classification TEXT, 
	pii BOOLEAN, 
	lifecycle TEXT, 
	current_monthly_cost DOUBLE PRECISION, 
	annual_cost DOUBLE PRECISION, 
	licence TEXT, 
	backup_policy TEXT, 
	maintenance_window TEXT, 
	change_tolerance TEXT, 
	compliance TEXT[], 
	rto_minutes DOUBLE PRECISION, 
	rpo_minutes DOUBLE PRECISION, 
	freeze_windows TEXT[], 
	user_count BIGINT, 
	cost_center TEXT, 
	licence_model TEXT, 
	tags TEXT[], 
	treatment TEXT, 
	treatment_confidence DOUBLE PRECISION, 
	wave TEXT, 
	migration_priority TEXT, 
	target_type TEXT, 
	target_region TEXT, 
	target_account TEXT, 
	target_monthly_cost DOUBLE PRECISION, 
	migration_status TEXT, 
	discovery_completed BOOLEAN, 
	assessment_completed BOOLEAN, 
	planning_completed BOOLEAN, 
	execution_completed BOOLEAN, 
	modernization_completed BOOLEAN, 
	flow_history TEXT[], 
	sources TEXT[], 
	completeness_score DOUBLE PRECISION, 
	quality_score DOUBLE PRECISION, 
	source_flow_id UUID, 
	discovery_data_entity_id UUID, 
	custom_attributes JSONB, 
	overridden JSONB DEFAULT '{}'::jsonb NOT NULL, 
	updated_at TIMESTAMP WITH TIME ZONE, 
	CONSTRAINT pk_assets PRIMARY KEY (id), 
	CONSTRAINT uq_assets_client_account_id_engagement_id_id UNIQUE (client_account_id, engagement_id, id), 
	CONSTRAINT uq_assets_estate_id_natural_key UNIQUE (estate_id, natural_key), 
	CONSTRAINT fk_assets_client_account_id_engagement_id_estate_id FOREIGN KEY(client_account_id, engagement_id, estate_id) REFERENCES migration_flows (client_account_id, engagement_id, id)
);
CREATE INDEX ix_assets_client_account_id_engagement_id_estate_id_name_id ON assets (client_account_id, engagement_id, estate_id, name, id);
comment on column assets.id is 'UUIDv7, made by the service';
comment on column assets.client_account_id is 'whose row it is; forced row-level security compares it';
comment on column assets.engagement_id is 'the engagement within the client';
comment on column assets.estate_id is 'root flow of the chain';
comment on column assets.natural_key is 'identity key chosen by inventory; id is UUIDv5 of it within the estate';
comment on column assets.is_target is 'a migration target';
comment on column assets.database_size_gb is 'GiB';
comment on column assets.cpu_cores is 'count';
comment on column assets.cpu_sockets is 'count';
comment on column assets.cpu_speed_mhz is 'MHz';
comment on column assets.memory_gb is 'GiB';
comment on column assets.storage_gb is 'GiB';
comment on column assets.storage_used_gb is 'GiB';
comment on column assets.disks is 'count';
comment on column assets.cpu_avg_percent is 'percent';
comment on column assets.cpu_max_percent is 'percent';
comment on column assets.memory_avg_percent is 'percent';
comment on column assets.memory_max_percent is 'percent';
comment on column assets.disk_iops is 'per second';
comment on column assets.network_mbps is 'Mbit/s';
comment on column assets.created_at is 'UTC';
comment on column assets.last_seen is 'UTC';
comment on column assets.current_monthly_cost is 'currency';
comment on column assets.annual_cost is 'currency';
comment on column assets.rto_minutes is 'minutes';
comment on column assets.rpo_minutes is 'minutes';
comment on column assets.user_count is 'count';
comment on column assets.treatment_confidence is 'fraction';
comment on column assets.target_monthly_cost is 'currency';
comment on column assets.completeness_score is 'fraction';
comment on column assets.quality_score is 'fraction';
comment on column assets.overridden is 'attribute → number of the human decision that set it';

CREATE TABLE audit_log (
	id UUID NOT NULL, 
	client_account_id UUID NOT NULL, 
	engagement_id UUID NOT NULL, 
	flow_id UUID, 
	sequence BIGINT, 
	actor TEXT NOT NULL, 
	action TEXT NOT NULL, 
	subject TEXT NOT NULL, 
	details JSONB DEFAULT '{}'::jsonb NOT NULL, 
	at TIMESTAMP WITH TIME ZONE NOT NULL, 
	previous TEXT NOT NULL, 
	hash TEXT NOT NULL, 
	CONSTRAINT pk_audit_log PRIMARY KEY (id), 
	CONSTRAINT uq_audit_log_client_account_id_engagement_id_flow_id_sequence UNIQUE NULLS NOT DISTINCT (client_account_id, engagement_id, flow_id, sequence), 
	CONSTRAINT fk_audit_log_client_account_id_engagement_id_flow_id FOREIGN KEY(client_account_id, engagement_id, flow_id) REFERENCES migration_flows (client_account_id, engagement_id, id), 
	CONSTRAINT fk_audit_log_client_account_id_engagement_id FOREIGN KEY(client_account_id, engagement_id) REFERENCES engagements (client_account_id, id)
);
comment on column audit_log.id is 'UUIDv7, made by the service';
comment on column audit_log.client_account_id is 'whose row it is; forced row-level security compares it';
comment on column audit_log.engagement_id is 'the engagement within the client';
comment on column audit_log.flow_id is 'null: the engagement''s own chain';
comment on column audit_log.sequence is 'position in its chain, from 1';
comment on column audit_log.previous is 'hash of the row before; empty for the first';
comment on column audit_log.hash is 'SHA-256 over previous and this row''s canonical JSON';

CREATE TABLE flow_events (
	id UUID NOT NULL, 
	client_account_id UUID NOT NULL, 
	engagement_id UUID NOT NULL, 
	flow_id UUID NOT NULL, 
	sequence BIGINT, 
	type TEXT NOT NULL, 
	data JSONB DEFAULT '{}'::jsonb NOT NULL, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	CONSTRAINT pk_flow_events PRIMARY KEY (id), 
	CONSTRAINT uq_flow_events_flow_id_sequence UNIQUE (flow_id, sequence), 
	CONSTRAINT fk_flow_events_client_account_id_engagement_id_flow_id FOREIGN KEY(client_account_id, engagement_id, flow_id) REFERENCES migration_flows (client_account_id, engagement_id, id)
);
CREATE INDEX ix_flow_events_client_account_id_engagement_id_id ON flow_events (client_account_id, engagement_id, id);
comment on column flow_events.id is 'UUIDv7, made by the service';
comment on column flow_events.client_account_id is 'whose row it is; forced row-level security compares it';
comment on column flow_events.engagement_id is 'the engagement within the client';
comment on column flow_events.sequence is 'rises within the flow without gaps';
comment on column flow_events.created_at is 'when the row was written';

CREATE TABLE flow_handoffs (
	id UUID NOT NULL, 
	client_account_id UUID NOT NULL, 
	engagement_id UUID NOT NULL, 
	source_flow_id UUID NOT NULL, 
	target_flow_id UUID, 
	target_flow_type TEXT NOT NULL, 
	status TEXT NOT NULL, 
	package JSONB DEFAULT '{}'::jsonb NOT NULL, 
	rules JSONB DEFAULT '[]'::jsonb NOT NULL, 
	digest TEXT, 
	error JSONB, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	CONSTRAINT pk_flow_handoffs PRIMARY KEY (id), 
	CONSTRAINT uq_flow_handoffs_client_account_id_engagement_id_id UNIQUE (client_account_id, engagement_id, id), 
	CONSTRAINT fk_flow_handoffs_client_account_id_engagement_id_source_flow_id FOREIGN KEY(client_account_id, engagement_id, source_flow_id) REFERENCES migration_flows (client_account_id, engagement_id, id), 
	CONSTRAINT fk_flow_handoffs_client_account_id_engagement_id_target_flow_id FOREIGN KEY(client_account_id, engagement_id, target_flow_id) REFERENCES migration_flows (client_account_id, engagement_id, id)
);
comment on column flow_handoffs.id is 'UUIDv7, made by the service';
comment on column flow_handoffs.client_account_id is 'whose row it is; forced row-level security compares it';
comment on column flow_handoffs.engagement_id is 'the engagement within the client';
comment on column flow_handoffs.status is 'building, ready, failed, accepted, revoked';
comment on column flow_handoffs.package is 'manifests and summary';
comment on column flow_handoffs.rules is 'validation rules with results';
comment on column flow_handoffs.created_at is 'when the row was written';

CREATE TABLE flow_phases (
	flow_id UUID NOT NULL, 
	position INTEGER NOT NULL, 
	client_account_id UUID NOT NULL, 
	engagement_id UUID NOT NULL, 
	name TEXT NOT NULL, 
	status TEXT NOT NULL, 
	reason TEXT, 
	active_attempt_id UUID, 
	stale BOOLEAN DEFAULT false NOT NULL, 
	decisions_upto BIGINT DEFAULT 0 NOT NULL, 
	summary JSONB DEFAULT '{}'::jsonb NOT NULL, 
	decided_by JSONB DEFAULT '{}'::jsonb NOT NULL, 
	error JSONB, 
	started_at TIMESTAMP WITH TIME ZONE, 
	completed_at TIMESTAMP WITH TIME ZONE, 
	CONSTRAINT pk_flow_phases PRIMARY KEY (flow_id, position), 
	CONSTRAINT uq_flow_phases_flow_id_name UNIQUE (flow_id, name), 
	CONSTRAINT fk_flow_phases_client_account_id_engagement_id_flow_id FOREIGN KEY(client_account_id, engagement_id, flow_id) REFERENCES migration_flows (client_account_id, engagement_id, id)
);
comment on column flow_phases.position is 'order within the flow, from 0';
comment on column flow_phases.client_account_id is 'whose row it is; forced row-level security compares it';
comment on column flow_phases.engagement_id is 'the engagement within the client';
comment on column flow_phases.name is 'phase name from the definition';
comment on column flow_phases.status is 'state of the phase''s state machine';
comment on column flow_phases.reason is 'why it waits or failed';
comment on column flow_phases.active_attempt_id is 'pointer: the attempt whose datasets are active';
comment on column flow_phases.stale is 'its inputs or decisions changed';
comment on column flow_phases.decisions_upto is 'decisions its active result took in';
comment on column flow_phases.summary is 'summary of the active result';
comment on column flow_phases.decided_by is 'judgements by rule, crew, learned, person';
comment on column flow_phases.error is 'ErrorInfo of the failure';

CREATE TABLE flow_rollbacks (
	id UUID NOT NULL, 
	client_account_id UUID NOT NULL, 
	engagement_id UUID NOT NULL, 
	flow_id UUID NOT NULL, 
	kind TEXT NOT NULL, 
	phase TEXT, 
	status TEXT NOT NULL, 
	digest TEXT NOT NULL, 
	plan JSONB DEFAULT '{}'::jsonb NOT NULL, 
	requested_by TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	accepted_irreversible JSONB DEFAULT '[]'::jsonb NOT NULL, 
	data_integrity_check JSONB, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	ended_at TIMESTAMP WITH TIME ZONE, 
	CONSTRAINT pk_flow_rollbacks PRIMARY KEY (id), 
	CONSTRAINT uq_flow_rollbacks_client_account_id_engagement_id_id UNIQUE (client_account_id, engagement_id, id), 
	CONSTRAINT fk_flow_rollbacks_client_account_id_engagement_id_flow_id FOREIGN KEY(client_account_id, engagement_id, flow_id) REFERENCES migration_flows (client_account_id, engagement_id, id)
);
CREATE INDEX ix_flow_rollbacks_flow_id_created_at ON flow_rollbacks (flow_id, created_at);
comment on column flow_rollbacks.id is 'UUIDv7, made by the service';
comment on column flow_rollbacks.client_account_id is 'whose row it is; forced row-level security compares it';
comment on column flow_rollbacks.engagement_id is 'the engagement within the client';
comment on column flow_rollbacks.kind is 'phase, flow, cascade, selective';
comment on column flow_rollbacks.status is 'undoing, restoring, proving, completed, operator';
comment on column flow_rollbacks.digest is 'of the plan that was accepted';
comment on column flow_rollbacks.plan is 'the closure as it was shown';
comment on column flow_rollbacks.data_integrity_check is 'the proof: each condition with its figures';
comment on column flow_rollbacks.created_at is 'when the row was written';

CREATE TABLE human_decisions (
	id UUID NOT NULL, 
	client_account_id UUID NOT NULL, 
	engagement_id UUID NOT NULL, 
	flow_id UUID NOT NULL, 
	number BIGINT, 
	kind TEXT NOT NULL, 
	phase TEXT NOT NULL, 
	subject TEXT NOT NULL, 
	value JSONB, 
	"old" JSONB, 
	actor TEXT NOT NULL, 
	reason TEXT, 
	decided_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	withdrawn_by UUID, 
	CONSTRAINT pk_human_decisions PRIMARY KEY (id), 
	CONSTRAINT uq_human_decisions_client_account_id_engagement_id_id UNIQUE (client_account_id, engagement_id, id), 
	CONSTRAINT uq_human_decisions_flow_id_number UNIQUE (flow_id, number), 
	CONSTRAINT fk_human_decisions_client_account_id_engagement_id_flow_id FOREIGN KEY(client_account_id, engagement_id, flow_id) REFERENCES migration_flows (client_account_id, engagement_id, id)
);
comment on column human_decisions.id is 'UUIDv7, made by the service';
comment on column human_decisions.client_account_id is 'whose row it is; forced row-level security compares it';
comment on column human_decisions.engagement_id is 'the engagement within the client';
comment on column human_decisions.number is 'rises within the flow';
comment on column human_decisions.kind is 'answer, override, mapping, conflict, edit, approval';
comment on column human_decisions.phase is 'the phase that owns what it changes';
comment on column human_decisions.subject is 'natural key of what is decided';
comment on column human_decisions.withdrawn_by is 'the rollback that withdrew it; kept as history';

CREATE TABLE phase_attempts (
	id UUID NOT NULL, 
	client_account_id UUID NOT NULL, 
	engagement_id UUID NOT NULL, 
	flow_id UUID NOT NULL, 
	kind TEXT NOT NULL, 
	phase TEXT NOT NULL, 
	unit_key TEXT, 
	sequence BIGINT DEFAULT 0 NOT NULL, 
	status TEXT NOT NULL, 
	epoch BIGINT DEFAULT 0 NOT NULL, 
	run_id UUID, 
	worker TEXT, 
	retries BIGINT DEFAULT 0 NOT NULL, 
	lease_losses BIGINT DEFAULT 0 NOT NULL, 
	decisions_upto BIGINT DEFAULT 0 NOT NULL, 
	pointers_before JSONB, 
	inputs JSONB, 
	unit JSONB, 
	receipts JSONB DEFAULT '[]'::jsonb NOT NULL, 
	result JSONB, 
	error JSONB, 
	transcript JSONB, 
	budget_tokens BIGINT DEFAULT 0 NOT NULL, 
	rollback_id UUID, 
	outcome_unknown BOOLEAN DEFAULT false NOT NULL, 
	fraction DOUBLE PRECISION, 
	note TEXT, 
	not_before TIMESTAMP WITH TIME ZONE, 
	dispatched_at TIMESTAMP WITH TIME ZONE, 
	started_at TIMESTAMP WITH TIME ZONE, 
	ended_at TIMESTAMP WITH TIME ZONE, 
	seconds DOUBLE PRECISION, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	CONSTRAINT pk_phase_attempts PRIMARY KEY (id), 
	CONSTRAINT uq_phase_attempts_client_account_id_engagement_id_id UNIQUE (client_account_id, engagement_id, id), 
	CONSTRAINT fk_phase_attempts_client_account_id_engagement_id_flow_id FOREIGN KEY(client_account_id, engagement_id, flow_id) REFERENCES migration_flows (client_account_id, engagement_id, id)
);
CREATE INDEX ix_phase_attempts_flow_id_sequence ON phase_attempts (flow_id, sequence);
CREATE INDEX ix_phase_attempts_open ON phase_attempts (flow_id) WHERE status in ('held','dispatched','running','delayed');
comment on column phase_attempts.id is 'UUIDv7, made by the service';
comment on column phase_attempts.client_account_id is 'whose row it is; forced row-level security compares it';
comment on column phase_attempts.engagement_id is 'the engagement within the client';
comment on column phase_attempts.kind is 'execute, unit, compensate, handoff, edit, selective';
comment on column phase_attempts.unit_key is 'key of the unit, for unit and compensate';
comment on column phase_attempts.sequence is 'order of creation within the flow: undo runs it backwards';
comment on column phase_attempts.status is 'held, dispatched, running, delayed, succeeded, failed, cancelled';
comment on column phase_attempts.epoch is 'rises each time it is given out again; older replies are never results';
comment on column phase_attempts.run_id is 'the run bound for this epoch; any other is stale';
comment on column phase_attempts.worker is 'replica that runs it, for people';
comment on column phase_attempts.retries is 'failures so far that were retried';
comment on column phase_attempts.lease_losses is 'leases lost in a row';
comment on column phase_attempts.decisions_upto is 'human decisions up to this number are its input';
comment on column phase_attempts.pointers_before is 'phase → active attempt when it was dispatched: what a rollback restores';
comment on column phase_attempts.inputs is 'digests of what a computation was given: datasets, decisions …';
comment on column phase_attempts.unit is 'UnitSpec';
comment on column phase_attempts.receipts is 'receipts of every run ever heard of, stale ones included';
comment on column phase_attempts.result is 'reply held back until its units have ended';
comment on column phase_attempts.error is 'ErrorInfo of the last failure';
comment on column phase_attempts.transcript is 'ArtifactRef: what was put to crews and what they said';
comment on column phase_attempts.budget_tokens is 'tokens its command carries, reserved while it is open';
comment on column phase_attempts.rollback_id is 'the rollback a compensation belongs to';
comment on column phase_attempts.outcome_unknown is 'an earlier run may have acted';
comment on column phase_attempts.fraction is 'progress 0..1 of the bound run';
comment on column phase_attempts.note is 'what it is doing now';
comment on column phase_attempts.not_before is 'earliest dispatch: retry back-off or a unit''s window';
comment on column phase_attempts.dispatched_at is 'last given out';
comment on column phase_attempts.started_at is 'bound run was first heard of';
comment on column phase_attempts.seconds is 'compute time reported by the worker';
comment on column phase_attempts.created_at is 'when the row was written';

CREATE TABLE artifacts (
	id UUID NOT NULL, 
	client_account_id UUID NOT NULL, 
	engagement_id UUID NOT NULL, 
	flow_id UUID NOT NULL, 
	attempt_id UUID NOT NULL, 
	artifact_key TEXT NOT NULL, 
	sha256 TEXT NOT NULL, 
	bytes BIGINT DEFAULT 0 NOT NULL, 
	media_type TEXT NOT NULL, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	CONSTRAINT pk_artifacts PRIMARY KEY (id), 
	CONSTRAINT uq_artifacts_client_account_id_engagement_id_id UNIQUE (client_account_id, engagement_id, id), 
	CONSTRAINT fk_artifacts_client_account_id_engagement_id_flow_id FOREIGN KEY(client_account_id, engagement_id, flow_id) REFERENCES migration_flows (client_account_id, engagement_id, id), 
	CONSTRAINT fk_artifacts_client_account_id_engagement_id_attempt_id FOREIGN KEY(client_account_id, engagement_id, attempt_id) REFERENCES phase_attempts (client_account_id, engagement_id, id)
);
comment on column artifacts.id is 'UUIDv7, made by the service';
comment on column artifacts.client_account_id is 'whose row it is; forced row-level security compares it';
comment on column artifacts.engagement_id is 'the engagement within the client';
comment on column artifacts.sha256 is 'identity';
comment on column artifacts.created_at is 'when the row was written';

CREATE TABLE datasets (
	id UUID NOT NULL, 
	client_account_id UUID NOT NULL, 
	engagement_id UUID NOT NULL, 
	flow_id UUID NOT NULL, 
	attempt_id UUID NOT NULL, 
	phase TEXT NOT NULL, 
	name TEXT NOT NULL, 
	version INTEGER NOT NULL, 
	artifact_key TEXT NOT NULL, 
	sha256 TEXT NOT NULL, 
	bytes BIGINT DEFAULT 0 NOT NULL, 
	rows BIGINT DEFAULT 0 NOT NULL, 
	index TEXT NOT NULL, 
	index_hash TEXT, 
	entity_type TEXT, 
	assets BOOLEAN DEFAULT false NOT NULL, 
	indexed_rows BIGINT DEFAULT 0 NOT NULL, 
	indexed_at TIMESTAMP WITH TIME ZONE, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	CONSTRAINT pk_datasets PRIMARY KEY (id), 
	CONSTRAINT uq_datasets_client_account_id_engagement_id_id UNIQUE (client_account_id, engagement_id, id), 
	CONSTRAINT uq_datasets_attempt_id_name UNIQUE (attempt_id, name), 
	CONSTRAINT fk_datasets_client_account_id_engagement_id_flow_id FOREIGN KEY(client_account_id, engagement_id, flow_id) REFERENCES migration_flows (client_account_id, engagement_id, id), 
	CONSTRAINT fk_datasets_client_account_id_engagement_id_attempt_id FOREIGN KEY(client_account_id, engagement_id, attempt_id) REFERENCES phase_attempts (client_account_id, engagement_id, id)
);
CREATE INDEX ix_datasets_flow_id_phase ON datasets (flow_id, phase);
comment on column datasets.id is 'UUIDv7, made by the service';
comment on column datasets.client_account_id is 'whose row it is; forced row-level security compares it';
comment on column datasets.engagement_id is 'the engagement within the client';
comment on column datasets.attempt_id is 'active when its phase points at this attempt';
comment on column datasets.version is 'major of the schema';
comment on column datasets.index is 'rows or none';
comment on column datasets.index_hash is 'manifest''s hash over its index rows: docs/proof.md';
comment on column datasets.assets is 'its rows fold into assets';
comment on column datasets.indexed_rows is 'index rows copied so far';
comment on column datasets.indexed_at is 'all rows are in the index';
comment on column datasets.created_at is 'when the row was written';

CREATE TABLE learned_patterns (
	id UUID NOT NULL, 
	client_account_id UUID NOT NULL, 
	engagement_id UUID NOT NULL, 
	kind TEXT NOT NULL, 
	pattern TEXT NOT NULL, 
	normal_form TEXT NOT NULL, 
	value JSONB, 
	decision_id UUID, 
	created_by TEXT NOT NULL, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	unlearned_at TIMESTAMP WITH TIME ZONE, 
	CONSTRAINT pk_learned_patterns PRIMARY KEY (id), 
	CONSTRAINT uq_learned_patterns_client_account_id_engagement_id_id UNIQUE (client_account_id, engagement_id, id), 
	CONSTRAINT fk_learned_patterns_client_account_id_engagement_id_decision_id FOREIGN KEY(client_account_id, engagement_id, decision_id) REFERENCES human_decisions (client_account_id, engagement_id, id)
);
CREATE UNIQUE INDEX uq_learned_patterns_taught ON learned_patterns (client_account_id, kind, normal_form) WHERE unlearned_at is null;
comment on column learned_patterns.id is 'UUIDv7, made by the service';
comment on column learned_patterns.client_account_id is 'whose row it is; forced row-level security compares it';
comment on column learned_patterns.engagement_id is 'the engagement within the client';
comment on column learned_patterns.kind is 'mapping, product, application, treatment';
comment on column learned_patterns.pattern is 'as it was written: a header, a product''s name …';
comment on column learned_patterns.normal_form is 'what two spellings of one pattern have in common';
comment on column learned_patterns.created_at is 'when the row was written';

CREATE TABLE llm_usage (
	attempt_id UUID NOT NULL, 
	epoch INTEGER NOT NULL, 
	run_id UUID NOT NULL, 
	model TEXT NOT NULL, 
	client_account_id UUID NOT NULL, 
	engagement_id UUID NOT NULL, 
	flow_id UUID NOT NULL, 
	phase TEXT NOT NULL, 
	calls BIGINT DEFAULT 0 NOT NULL, 
	prompt_tokens BIGINT DEFAULT 0 NOT NULL, 
	completion_tokens BIGINT DEFAULT 0 NOT NULL, 
	cost_usd DOUBLE PRECISION DEFAULT 0 NOT NULL, 
	reserved_tokens BIGINT DEFAULT 0 NOT NULL, 
	reserved_cost_usd DOUBLE PRECISION DEFAULT 0 NOT NULL, 
	prompt_version TEXT, 
	updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	CONSTRAINT pk_llm_usage PRIMARY KEY (attempt_id, epoch, run_id, model), 
	CONSTRAINT fk_llm_usage_client_account_id_engagement_id_attempt_id FOREIGN KEY(client_account_id, engagement_id, attempt_id) REFERENCES phase_attempts (client_account_id, engagement_id, id)
);
comment on column llm_usage.client_account_id is 'whose row it is; forced row-level security compares it';
comment on column llm_usage.engagement_id is 'the engagement within the client';
comment on column llm_usage.reserved_tokens is 'booked for a call whose end was not reported';
CREATE INDEX ix_llm_usage_flow_id ON llm_usage (flow_id);

CREATE TABLE questions (
	id UUID NOT NULL, 
	client_account_id UUID NOT NULL, 
	engagement_id UUID NOT NULL, 
	flow_id UUID NOT NULL, 
	phase TEXT NOT NULL, 
	attempt_id UUID NOT NULL, 
	key TEXT NOT NULL, 
	subject TEXT NOT NULL, 
	text TEXT NOT NULL, 
	options JSONB DEFAULT '[]'::jsonb NOT NULL, 
	recommendation TEXT NOT NULL, 
	facts JSONB DEFAULT '{}'::jsonb NOT NULL, 
	blocking BOOLEAN DEFAULT true NOT NULL, 
	status TEXT NOT NULL, 
	answer TEXT, 
	decision_id UUID, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	answered_at TIMESTAMP WITH TIME ZONE, 
	CONSTRAINT pk_questions PRIMARY KEY (id), 
	CONSTRAINT uq_questions_client_account_id_engagement_id_id UNIQUE (client_account_id, engagement_id, id), 
	CONSTRAINT fk_questions_client_account_id_engagement_id_flow_id FOREIGN KEY(client_account_id, engagement_id, flow_id) REFERENCES migration_flows (client_account_id, engagement_id, id), 
	CONSTRAINT fk_questions_client_account_id_engagement_id_attempt_id FOREIGN KEY(client_account_id, engagement_id, attempt_id) REFERENCES phase_attempts (client_account_id, engagement_id, id)
);
CREATE INDEX ix_questions_flow_id_status ON questions (flow_id, status);
comment on column questions.id is 'UUIDv7, made by the service';
comment on column questions.client_account_id is 'whose row it is; forced row-level security compares it';
comment on column questions.engagement_id is 'the engagement within the client';
comment on column questions.attempt_id is 'the attempt that asked';
comment on column questions.key is 'natural key, stable across runs';
comment on column questions.status is 'open, answered, accepted (recommendation stood), withdrawn';
comment on column questions.created_at is 'when the row was written';

CREATE TABLE rollback_steps (
	id UUID NOT NULL, 
	client_account_id UUID NOT NULL, 
	engagement_id UUID NOT NULL, 
	rollback_id UUID NOT NULL, 
	position INTEGER NOT NULL, 
	kind TEXT NOT NULL, 
	subject TEXT NOT NULL, 
	attempt_id UUID, 
	compensation_id UUID, 
	status TEXT NOT NULL, 
	details JSONB DEFAULT '{}'::jsonb NOT NULL, 
	ended_at TIMESTAMP WITH TIME ZONE, 
	CONSTRAINT pk_rollback_steps PRIMARY KEY (id), 
	CONSTRAINT uq_rollback_steps_client_account_id_engagement_id_id UNIQUE (client_account_id, engagement_id, id), 
	CONSTRAINT uq_rollback_steps_rollback_id_position UNIQUE (rollback_id, position), 
	CONSTRAINT fk_rollback_steps_client_account_id_engagement_id_rollback_id FOREIGN KEY(client_account_id, engagement_id, rollback_id) REFERENCES flow_rollbacks (client_account_id, engagement_id, id)
);
comment on column rollback_steps.id is 'UUIDv7, made by the service';
comment on column rollback_steps.client_account_id is 'whose row it is; forced row-level security compares it';
comment on column rollback_steps.engagement_id is 'the engagement within the client';
comment on column rollback_steps.position is 'order of undo, from 0';
comment on column rollback_steps.kind is 'effect, pointer, decision, handoff';
comment on column rollback_steps.subject is 'unit key, phase or decision number';
comment on column rollback_steps.attempt_id is 'the attempt that is undone';
comment on column rollback_steps.compensation_id is 'the attempt that undoes it';
comment on column rollback_steps.status is 'pending, undoing, undone, nothing_to_do, irreversible, failed, done';

CREATE TABLE flow_data_entities (
	dataset_id UUID NOT NULL, 
	row_number BIGINT NOT NULL, 
	client_account_id UUID NOT NULL, 
	engagement_id UUID NOT NULL, 
	id UUID NOT NULL, 
	asset_id UUID, 
	flow_id UUID NOT NULL, 
	entity_type TEXT NOT NULL, 
	natural_key TEXT NOT NULL, 
	data JSON NOT NULL, 
	source_entities TEXT[] DEFAULT '{}' NOT NULL, 
	transformation_log JSON, 
	quality_score DOUBLE PRECISION, 
	validation JSONB, 
	CONSTRAINT pk_flow_data_entities PRIMARY KEY (dataset_id, row_number), 
	CONSTRAINT fk_flow_data_entities_client_account_id_engagement_id_d_c16b FOREIGN KEY(client_account_id, engagement_id, dataset_id) REFERENCES datasets (client_account_id, engagement_id, id)
);
CREATE INDEX ix_flow_data_entities_client_account_id_id ON flow_data_entities (client_account_id, id);
CREATE UNIQUE INDEX ix_flow_data_entities_dataset_id_entity_type_natural_key ON flow_data_entities (dataset_id, entity_type, natural_key);
comment on column flow_data_entities.row_number is 'order in the dataset, from 0';
comment on column flow_data_entities.client_account_id is 'whose row it is; forced row-level security compares it';
comment on column flow_data_entities.engagement_id is 'the engagement within the client';
comment on column flow_data_entities.id is 'UUIDv5 of dataset and natural key: entity_id in exports';
comment on column flow_data_entities.asset_id is 'UUIDv5 of estate and natural key, where the dataset is of assets';
comment on column flow_data_entities.data is 'canonical JSON text: hashed as it stands';

-- Objects merged key by key, later ones winning.
create function merge_json(parts jsonb[]) returns jsonb language sql immutable parallel safe as
'select jsonb_object_agg(m.key, m.value order by p.place) from unnest(parts) with ordinality as p(part, place), jsonb_each(p.part) as m(key, value)';

insert into running.lease_clock (one) values (true);
insert into running.collection (upto) values ('00000000-0000-0000-0000-000000000000');

-- Forced row-level security: without a tenant, nothing; with one, only its rows.
alter table client_accounts enable row level security;
alter table client_accounts force row level security;
create policy tenant on client_accounts using (client_account_id = nullif(current_setting('caravan.client', true), '')::uuid)
    with check (client_account_id = nullif(current_setting('caravan.client', true), '')::uuid);
alter table engagements enable row level security;
alter table engagements force row level security;
create policy tenant on engagements using (client_account_id = nullif(current_setting('caravan.client', true), '')::uuid)
    with check (client_account_id = nullif(current_setting('caravan.client', true), '')::uuid);
alter table users enable row level security;
alter table users force row level security;
create policy tenant on users using (client_account_id = nullif(current_setting('caravan.client', true), '')::uuid)
    with check (client_account_id = nullif(current_setting('caravan.client', true), '')::uuid);
alter table idempotency_keys enable row level security;
alter table idempotency_keys force row level security;
create policy tenant on idempotency_keys using (client_account_id = nullif(current_setting('caravan.client', true), '')::uuid)
    with check (client_account_id = nullif(current_setting('caravan.client', true), '')::uuid);
alter table memberships enable row level security;
alter table memberships force row level security;
create policy tenant on memberships using (client_account_id = nullif(current_setting('caravan.client', true), '')::uuid)
    with check (client_account_id = nullif(current_setting('caravan.client', true), '')::uuid);
alter table migration_flows enable row level security;
alter table migration_flows force row level security;
-- Flows are found by their key or their engagement. Without statistics the planner takes the client for selective and
-- would go by an index to all flows of the client; through coalesce it sees neither.
create policy tenant on migration_flows using (coalesce(client_account_id = nullif(current_setting('caravan.client', true), '')::uuid, false))
    with check (client_account_id = nullif(current_setting('caravan.client', true), '')::uuid);
alter table search_terms enable row level security;
alter table search_terms force row level security;
create policy tenant on search_terms using (client_account_id = nullif(current_setting('caravan.client', true), '')::uuid)
    with check (client_account_id = nullif(current_setting('caravan.client', true), '')::uuid);
alter table uploads enable row level security;
alter table uploads force row level security;
create policy tenant on uploads using (client_account_id = nullif(current_setting('caravan.client', true), '')::uuid)
    with check (client_account_id = nullif(current_setting('caravan.client', true), '')::uuid);
alter table approvals enable row level security;
alter table approvals force row level security;
create policy tenant on approvals using (client_account_id = nullif(current_setting('caravan.client', true), '')::uuid)
    with check (client_account_id = nullif(current_setting('caravan.client', true), '')::uuid);
alter table assets enable row level security;
alter table assets force row level security;
create policy tenant on assets using (client_account_id = nullif(current_setting('caravan.client', true), '')::uuid)
    with check (client_account_id = nullif(current_setting('caravan.client', true), '')::uuid);
alter table audit_log enable row level security;
alter table audit_log force row level security;
create policy tenant on audit_log using (client_account_id = nullif(current_setting('caravan.client', true), '')::uuid)
    with check (client_account_id = nullif(current_setting('caravan.client', true), '')::uuid);
alter table flow_events enable row level security;
alter table flow_events force row level security;
create policy tenant on flow_events using (client_account_id = nullif(current_setting('caravan.client', true), '')::uuid)
    with check (client_account_id = nullif(current_setting('caravan.client', true), '')::uuid);
alter table flow_handoffs enable row level security;
alter table flow_handoffs force row level security;
create policy tenant on flow_handoffs using (client_account_id = nullif(current_setting('caravan.client', true), '')::uuid)
    with check (client_account_id = nullif(current_setting('caravan.client', true), '')::uuid);
alter table flow_phases enable row level security;
alter table flow_phases force row level security;
create policy tenant on flow_phases using (client_account_id = nullif(current_setting('caravan.client', true), '')::uuid)
    with check (client_account_id = nullif(current_setting('caravan.client', true), '')::uuid);
alter table flow_rollbacks enable row level security;
alter table flow_rollbacks force row level security;
create policy tenant on flow_rollbacks using (client_account_id = nullif(current_setting('caravan.client', true), '')::uuid)
    with check (client_account_id = nullif(current_setting('caravan.client', true), '')::uuid);
alter table human_decisions enable row level security;
alter table human_decisions force row level security;
create policy tenant on human_decisions using (client_account_id = nullif(current_setting('caravan.client', true), '')::uuid)
    with check (client_account_id = nullif(current_setting('caravan.client', true), '')::uuid);
alter table phase_attempts enable row level security;
alter table phase_attempts force row level security;
create policy tenant on phase_attempts using (client_account_id = nullif(current_setting('caravan.client', true), '')::uuid)
    with check (client_account_id = nullif(current_setting('caravan.client', true), '')::uuid);
alter table artifacts enable row level security;
alter table artifacts force row level security;
create policy tenant on artifacts using (client_account_id = nullif(current_setting('caravan.client', true), '')::uuid)
    with check (client_account_id = nullif(current_setting('caravan.client', true), '')::uuid);
alter table datasets enable row level security;
alter table datasets force row level security;
create policy tenant on datasets using (client_account_id = nullif(current_setting('caravan.client', true), '')::uuid)
    with check (client_account_id = nullif(current_setting('caravan.client', true), '')::uuid);
alter table learned_patterns enable row level security;
alter table learned_patterns force row level security;
create policy tenant on learned_patterns using (client_account_id = nullif(current_setting('caravan.client', true), '')::uuid)
    with check (client_account_id = nullif(current_setting('caravan.client', true), '')::uuid);
alter table llm_usage enable row level security;
alter table llm_usage force row level security;
create policy tenant on llm_usage using (client_account_id = nullif(current_setting('caravan.client', true), '')::uuid)
    with check (client_account_id = nullif(current_setting('caravan.client', true), '')::uuid);
alter table questions enable row level security;
alter table questions force row level security;
create policy tenant on questions using (client_account_id = nullif(current_setting('caravan.client', true), '')::uuid)
    with check (client_account_id = nullif(current_setting('caravan.client', true), '')::uuid);
alter table rollback_steps enable row level security;
alter table rollback_steps force row level security;
create policy tenant on rollback_steps using (client_account_id = nullif(current_setting('caravan.client', true), '')::uuid)
    with check (client_account_id = nullif(current_setting('caravan.client', true), '')::uuid);
alter table flow_data_entities enable row level security;
alter table flow_data_entities force row level security;
create policy tenant on flow_data_entities using (client_account_id = nullif(current_setting('caravan.client', true), '')::uuid)
    with check (client_account_id = nullif(current_setting('caravan.client', true), '')::uuid);

-- caravan_app: the tables through row-level security, and in `running` only what its statements need.
grant usage on schema public, running to caravan_app;
grant select, insert, update, delete on all tables in schema public to caravan_app;
revoke update, delete on audit_log from caravan_app;
grant select, insert, delete, update on running.outbox to caravan_app;
grant select, insert on running.inbox, running.attempt_tenants to caravan_app;
grant select, insert, update, delete on running.due to caravan_app;
grant select, insert, update on running.audit_heads to caravan_app;
grant select on running.lease_clock, running.dead_letters, running.audit_seals to caravan_app;
grant select, update on running.audit_heads to caravan_dispatch;

-- caravan_dispatch: claims ids across tenants; it sees no business table.
grant usage on schema public, running to caravan_dispatch;
grant select, update, delete on running.outbox to caravan_dispatch;
grant select, insert, update, delete on running.due to caravan_dispatch;
grant select, delete on running.inbox to caravan_dispatch;
grant select, delete on running.attempt_tenants to caravan_dispatch;
grant select, update on running.lease_clock, running.collection to caravan_dispatch;
grant select, insert, update on running.dead_letters, running.audit_seals to caravan_dispatch;
grant select on flow_types to caravan_dispatch;
