"""Contains all the data models used in inputs/outputs"""

from .accept_edit import AcceptEdit
from .action_view import ActionView
from .action_view_body_type_0 import ActionViewBodyType0
from .add_member import AddMember
from .add_member_roles_item import AddMemberRolesItem
from .advice_view import AdviceView
from .analytics_view import AnalyticsView
from .answer_question import AnswerQuestion
from .answered_view import AnsweredView
from .approval_view import ApprovalView
from .asset_counts_view import AssetCountsView
from .asset_counts_view_by_type import AssetCountsViewByType
from .asset_counts_view_not_targets import AssetCountsViewNotTargets
from .asset_filter import AssetFilter
from .asset_lineage_view import AssetLineageView
from .asset_page_view import AssetPageView
from .asset_view import AssetView
from .attempt_usage_view import AttemptUsageView
from .attempt_view import AttemptView
from .attempt_view_error_type_0 import AttemptViewErrorType0
from .attempt_view_inputs_type_0 import AttemptViewInputsType0
from .attempt_view_receipts_item import AttemptViewReceiptsItem
from .audit_view import AuditView
from .audit_view_details import AuditViewDetails
from .batch_decisions_view import BatchDecisionsView
from .batch_view import BatchView
from .budget_view import BudgetView
from .cancel_flow import CancelFlow
from .cell_view import CellView
from .chain_view import ChainView
from .change_member import ChangeMember
from .change_member_roles_item import ChangeMemberRolesItem
from .change_view import ChangeView
from .changed_assets_view import ChangedAssetsView
from .check_edits import CheckEdits
from .choose_estate import ChooseEstate
from .client_quotas_view import ClientQuotasView
from .client_view import ClientView
from .column_meaning_view import ColumnMeaningView
from .compare_plans import ComparePlans
from .compared_view import ComparedView
from .compared_view_differences_item import ComparedViewDifferencesItem
from .configuration import Configuration
from .configuration_phase_budgets_type_0 import ConfigurationPhaseBudgetsType0
from .conflict_of_view import ConflictOfView
from .conflict_view import ConflictView
from .correct_mapping import CorrectMapping
from .correct_mappings import CorrectMappings
from .corrected_view import CorrectedView
from .create_client import CreateClient
from .create_engagement import CreateEngagement
from .create_flow import CreateFlow
from .create_service_account import CreateServiceAccount
from .create_service_account_roles_item import CreateServiceAccountRolesItem
from .create_upload_body import CreateUploadBody
from .dataset_view import DatasetView
from .day_view import DayView
from .dead_letter_view import DeadLetterView
from .decide_approval import DecideApproval
from .decided_view import DecidedView
from .deciders_view import DecidersView
from .decision_view import DecisionView
from .discard_edit import DiscardEdit
from .edit import Edit
from .edit_asked_view import EditAskedView
from .edit_view import EditView
from .edit_view_edits_item import EditViewEditsItem
from .edit_view_error_type_0 import EditViewErrorType0
from .edit_view_result_type_0 import EditViewResultType0
from .edit_view_violations_type_0 import EditViewViolationsType0
from .engagement_name_view import EngagementNameView
from .engagement_view import EngagementView
from .engagements_view import EngagementsView
from .entity_view import EntityView
from .entity_view_data import EntityViewData
from .estate_view import EstateView
from .estates_view import EstatesView
from .event_view import EventView
from .event_view_data import EventViewData
from .facet_value_view import FacetValueView
from .facets_view import FacetsView
from .facets_view_facets import FacetsViewFacets
from .figures_view import FiguresView
from .figures_view_dates_item import FiguresViewDatesItem
from .figures_view_load_item import FiguresViewLoadItem
from .flow_counts_view import FlowCountsView
from .flow_counts_view_by_status import FlowCountsViewByStatus
from .flow_counts_view_by_type import FlowCountsViewByType
from .flow_counts_view_by_type_additional_property import (
    FlowCountsViewByTypeAdditionalProperty,
)
from .flow_figures_view import FlowFiguresView
from .flow_figures_view_by_status import FlowFiguresViewByStatus
from .flow_name_view import FlowNameView
from .flow_status import FlowStatus
from .flow_type_version_view import FlowTypeVersionView
from .flow_type_version_view_definition import FlowTypeVersionViewDefinition
from .flow_type_view import FlowTypeView
from .flow_types_view import FlowTypesView
from .flow_view import FlowView
from .flow_view_configuration import FlowViewConfiguration
from .get_entity_lineage_direction import GetEntityLineageDirection
from .get_inbox_kind_type_0_item import GetInboxKindType0Item
from .get_usage_by_item import GetUsageByItem
from .grown_flow_view import GrownFlowView
from .handed_dataset_view import HandedDatasetView
from .handoff_view import HandoffView
from .handoff_view_error_type_0 import HandoffViewErrorType0
from .handoff_view_summary import HandoffViewSummary
from .handoffs_view import HandoffsView
from .health_view import HealthView
from .inbox_view import InboxView
from .join_view import JoinView
from .judged_batch_view import JudgedBatchView
from .judgement_view import JudgementView
from .judgement_view_facts_type_0 import JudgementViewFactsType0
from .judgement_view_options_item import JudgementViewOptionsItem
from .learned_view import LearnedView
from .lineage_asset_view import LineageAssetView
from .lineage_view import LineageView
from .list_dead_letters_status_type_0 import ListDeadLettersStatusType0
from .list_flow_approvals_status_type_0 import ListFlowApprovalsStatusType0
from .list_flow_attempts_kind_type_0 import ListFlowAttemptsKindType0
from .list_flow_questions_status_type_0 import ListFlowQuestionsStatusType0
from .list_flows_sort import ListFlowsSort
from .list_learned_patterns_kind_type_0 import ListLearnedPatternsKindType0
from .live_view import LiveView
from .lock import Lock
from .mapping_view import MappingView
from .member_view import MemberView
from .member_view_roles_item import MemberViewRolesItem
from .merge import Merge
from .move import Move
from .new_client_view import NewClientView
from .new_service_account_view import NewServiceAccountView
from .new_service_account_view_roles_item import NewServiceAccountViewRolesItem
from .old_and_new_view import OldAndNewView
from .origin_view import OriginView
from .overview_view import OverviewView
from .overview_view_results import OverviewViewResults
from .page_approval_view import PageApprovalView
from .page_attempt_view import PageAttemptView
from .page_audit_view import PageAuditView
from .page_client_view import PageClientView
from .page_conflict_view import PageConflictView
from .page_dataset_view import PageDatasetView
from .page_dead_letter_view import PageDeadLetterView
from .page_entity_view import PageEntityView
from .page_event_view import PageEventView
from .page_flow_view import PageFlowView
from .page_learned_view import PageLearnedView
from .page_mapping_view import PageMappingView
from .page_member_view import PageMemberView
from .page_question_view import PageQuestionView
from .page_rollback_summary_view import PageRollbackSummaryView
from .page_service_account_view import PageServiceAccountView
from .patch_asset import PatchAsset
from .patch_asset_set import PatchAssetSet
from .patched_asset_view import PatchedAssetView
from .phase_figures_view import PhaseFiguresView
from .phase_view import PhaseView
from .phase_view_decided_by import PhaseViewDecidedBy
from .phase_view_error_type_0 import PhaseViewErrorType0
from .phase_view_summary import PhaseViewSummary
from .phases_view import PhasesView
from .plan_decided_view import PlanDecidedView
from .plan_rollback import PlanRollback
from .plan_rollback_kind import PlanRollbackKind
from .plan_rows_view import PlanRowsView
from .plan_rows_view_items_item import PlanRowsViewItemsItem
from .plan_rows_view_summary_type_0 import PlanRowsViewSummaryType0
from .planned_flow_view import PlannedFlowView
from .planned_flow_view_targets import PlannedFlowViewTargets
from .problem_view import ProblemView
from .problem_view_cascade_type_0 import ProblemViewCascadeType0
from .problem_view_errors_item import ProblemViewErrorsItem
from .question_view import QuestionView
from .question_view_facts import QuestionViewFacts
from .question_view_options_item import QuestionViewOptionsItem
from .quotas_view import QuotasView
from .record_view import RecordView
from .redate import Redate
from .reference_table_replaced_view import ReferenceTableReplacedView
from .reference_table_view import ReferenceTableView
from .reference_table_view_rows import ReferenceTableViewRows
from .refresh_view import RefreshView
from .replace_reference_table import ReplaceReferenceTable
from .replace_reference_table_rows import ReplaceReferenceTableRows
from .replay_dead_letters import ReplayDeadLetters
from .replayed_view import ReplayedView
from .request_handoff import RequestHandoff
from .resolve_conflict import ResolveConflict
from .resolved_view import ResolvedView
from .restore_plan import RestorePlan
from .result_rows_view import ResultRowsView
from .result_rows_view_items_item import ResultRowsViewItemsItem
from .reverted_row_view import RevertedRowView
from .reverted_row_view_now import RevertedRowViewNow
from .reverted_row_view_then import RevertedRowViewThen
from .rollback_part_view import RollbackPartView
from .rollback_plan_view import RollbackPlanView
from .rollback_plan_view_datasets_item import RollbackPlanViewDatasetsItem
from .rollback_plan_view_effects_item import RollbackPlanViewEffectsItem
from .rollback_plan_view_handoffs_item import RollbackPlanViewHandoffsItem
from .rollback_plan_view_targets import RollbackPlanViewTargets
from .rollback_step_view import RollbackStepView
from .rollback_step_view_details import RollbackStepViewDetails
from .rollback_summary_view import RollbackSummaryView
from .rollback_summary_view_data_integrity_check_type_0 import (
    RollbackSummaryViewDataIntegrityCheckType0,
)
from .rollback_view import RollbackView
from .rollback_view_data_integrity_check_type_0 import (
    RollbackViewDataIntegrityCheckType0,
)
from .rollback_view_plan import RollbackViewPlan
from .row_place_view import RowPlaceView
from .rows_view import RowsView
from .rows_view_items_item import RowsViewItemsItem
from .rule_view import RuleView
from .sample_asset_view import SampleAssetView
from .sample_asset_view_changes import SampleAssetViewChanges
from .scope import Scope
from .selection_view import SelectionView
from .service_account_view import ServiceAccountView
from .service_account_view_roles_item import ServiceAccountViewRolesItem
from .set_assets import SetAssets
from .set_assets_set import SetAssetsSet
from .set_quotas import SetQuotas
from .set_treatment import SetTreatment
from .set_treatment_treatment import SetTreatmentTreatment
from .settings import Settings
from .settings_phase_budgets_type_0 import SettingsPhaseBudgetsType0
from .skip_phase import SkipPhase
from .source_row_view import SourceRowView
from .source_row_view_values import SourceRowViewValues
from .source_view import SourceView
from .split import Split
from .standing_decision_view import StandingDecisionView
from .start_chain import StartChain
from .start_rollback import StartRollback
from .start_rollback_kind import StartRollbackKind
from .started_chain_view import StartedChainView
from .started_rollback_view import StartedRollbackView
from .step_view import StepView
from .step_view_data import StepViewData
from .treatment_set_view import TreatmentSetView
from .treatments_view import TreatmentsView
from .treatments_view_items_item import TreatmentsViewItemsItem
from .units_view import UnitsView
from .upload_view import UploadView
from .usage_figures_view import UsageFiguresView
from .usage_row_view import UsageRowView
from .usage_view import UsageView
from .waiting_counts_view import WaitingCountsView
from .waiting_view import WaitingView
from .waiting_view_error_type_0 import WaitingViewErrorType0
from .waiting_view_facts_type_0 import WaitingViewFactsType0
from .waiting_view_kind import WaitingViewKind
from .waiting_view_options_type_0_item import WaitingViewOptionsType0Item
from .wave_plan_view import WavePlanView
from .wave_plan_view_calendar_item import WavePlanViewCalendarItem
from .wave_plan_view_dates_item import WavePlanViewDatesItem
from .wave_plan_view_findings_item import WavePlanViewFindingsItem
from .wave_plan_view_items_item import WavePlanViewItemsItem
from .wave_plan_view_load_item import WavePlanViewLoadItem
from .wave_plan_view_summary_type_0 import WavePlanViewSummaryType0
from .wave_plan_view_violations_type_0 import WavePlanViewViolationsType0

__all__ = (
    "AcceptEdit",
    "ActionView",
    "ActionViewBodyType0",
    "AddMember",
    "AddMemberRolesItem",
    "AdviceView",
    "AnalyticsView",
    "AnsweredView",
    "AnswerQuestion",
    "ApprovalView",
    "AssetCountsView",
    "AssetCountsViewByType",
    "AssetCountsViewNotTargets",
    "AssetFilter",
    "AssetLineageView",
    "AssetPageView",
    "AssetView",
    "AttemptUsageView",
    "AttemptView",
    "AttemptViewErrorType0",
    "AttemptViewInputsType0",
    "AttemptViewReceiptsItem",
    "AuditView",
    "AuditViewDetails",
    "BatchDecisionsView",
    "BatchView",
    "BudgetView",
    "CancelFlow",
    "CellView",
    "ChainView",
    "ChangedAssetsView",
    "ChangeMember",
    "ChangeMemberRolesItem",
    "ChangeView",
    "CheckEdits",
    "ChooseEstate",
    "ClientQuotasView",
    "ClientView",
    "ColumnMeaningView",
    "ComparedView",
    "ComparedViewDifferencesItem",
    "ComparePlans",
    "Configuration",
    "ConfigurationPhaseBudgetsType0",
    "ConflictOfView",
    "ConflictView",
    "CorrectedView",
    "CorrectMapping",
    "CorrectMappings",
    "CreateClient",
    "CreateEngagement",
    "CreateFlow",
    "CreateServiceAccount",
    "CreateServiceAccountRolesItem",
    "CreateUploadBody",
    "DatasetView",
    "DayView",
    "DeadLetterView",
    "DecideApproval",
    "DecidedView",
    "DecidersView",
    "DecisionView",
    "DiscardEdit",
    "Edit",
    "EditAskedView",
    "EditView",
    "EditViewEditsItem",
    "EditViewErrorType0",
    "EditViewResultType0",
    "EditViewViolationsType0",
    "EngagementNameView",
    "EngagementsView",
    "EngagementView",
    "EntityView",
    "EntityViewData",
    "EstatesView",
    "EstateView",
    "EventView",
    "EventViewData",
    "FacetsView",
    "FacetsViewFacets",
    "FacetValueView",
    "FiguresView",
    "FiguresViewDatesItem",
    "FiguresViewLoadItem",
    "FlowCountsView",
    "FlowCountsViewByStatus",
    "FlowCountsViewByType",
    "FlowCountsViewByTypeAdditionalProperty",
    "FlowFiguresView",
    "FlowFiguresViewByStatus",
    "FlowNameView",
    "FlowStatus",
    "FlowTypesView",
    "FlowTypeVersionView",
    "FlowTypeVersionViewDefinition",
    "FlowTypeView",
    "FlowView",
    "FlowViewConfiguration",
    "GetEntityLineageDirection",
    "GetInboxKindType0Item",
    "GetUsageByItem",
    "GrownFlowView",
    "HandedDatasetView",
    "HandoffsView",
    "HandoffView",
    "HandoffViewErrorType0",
    "HandoffViewSummary",
    "HealthView",
    "InboxView",
    "JoinView",
    "JudgedBatchView",
    "JudgementView",
    "JudgementViewFactsType0",
    "JudgementViewOptionsItem",
    "LearnedView",
    "LineageAssetView",
    "LineageView",
    "ListDeadLettersStatusType0",
    "ListFlowApprovalsStatusType0",
    "ListFlowAttemptsKindType0",
    "ListFlowQuestionsStatusType0",
    "ListFlowsSort",
    "ListLearnedPatternsKindType0",
    "LiveView",
    "Lock",
    "MappingView",
    "MemberView",
    "MemberViewRolesItem",
    "Merge",
    "Move",
    "NewClientView",
    "NewServiceAccountView",
    "NewServiceAccountViewRolesItem",
    "OldAndNewView",
    "OriginView",
    "OverviewView",
    "OverviewViewResults",
    "PageApprovalView",
    "PageAttemptView",
    "PageAuditView",
    "PageClientView",
    "PageConflictView",
    "PageDatasetView",
    "PageDeadLetterView",
    "PageEntityView",
    "PageEventView",
    "PageFlowView",
    "PageLearnedView",
    "PageMappingView",
    "PageMemberView",
    "PageQuestionView",
    "PageRollbackSummaryView",
    "PageServiceAccountView",
    "PatchAsset",
    "PatchAssetSet",
    "PatchedAssetView",
    "PhaseFiguresView",
    "PhasesView",
    "PhaseView",
    "PhaseViewDecidedBy",
    "PhaseViewErrorType0",
    "PhaseViewSummary",
    "PlanDecidedView",
    "PlannedFlowView",
    "PlannedFlowViewTargets",
    "PlanRollback",
    "PlanRollbackKind",
    "PlanRowsView",
    "PlanRowsViewItemsItem",
    "PlanRowsViewSummaryType0",
    "ProblemView",
    "ProblemViewCascadeType0",
    "ProblemViewErrorsItem",
    "QuestionView",
    "QuestionViewFacts",
    "QuestionViewOptionsItem",
    "QuotasView",
    "RecordView",
    "Redate",
    "ReferenceTableReplacedView",
    "ReferenceTableView",
    "ReferenceTableViewRows",
    "RefreshView",
    "ReplaceReferenceTable",
    "ReplaceReferenceTableRows",
    "ReplayDeadLetters",
    "ReplayedView",
    "RequestHandoff",
    "ResolveConflict",
    "ResolvedView",
    "RestorePlan",
    "ResultRowsView",
    "ResultRowsViewItemsItem",
    "RevertedRowView",
    "RevertedRowViewNow",
    "RevertedRowViewThen",
    "RollbackPartView",
    "RollbackPlanView",
    "RollbackPlanViewDatasetsItem",
    "RollbackPlanViewEffectsItem",
    "RollbackPlanViewHandoffsItem",
    "RollbackPlanViewTargets",
    "RollbackStepView",
    "RollbackStepViewDetails",
    "RollbackSummaryView",
    "RollbackSummaryViewDataIntegrityCheckType0",
    "RollbackView",
    "RollbackViewDataIntegrityCheckType0",
    "RollbackViewPlan",
    "RowPlaceView",
    "RowsView",
    "RowsViewItemsItem",
    "RuleView",
    "SampleAssetView",
    "SampleAssetViewChanges",
    "Scope",
    "SelectionView",
    "ServiceAccountView",
    "ServiceAccountViewRolesItem",
    "SetAssets",
    "SetAssetsSet",
    "SetQuotas",
    "Settings",
    "SettingsPhaseBudgetsType0",
    "SetTreatment",
    "SetTreatmentTreatment",
    "SkipPhase",
    "SourceRowView",
    "SourceRowViewValues",
    "SourceView",
    "Split",
    "StandingDecisionView",
    "StartChain",
    "StartedChainView",
    "StartedRollbackView",
    "StartRollback",
    "StartRollbackKind",
    "StepView",
    "StepViewData",
    "TreatmentSetView",
    "TreatmentsView",
    "TreatmentsViewItemsItem",
    "UnitsView",
    "UploadView",
    "UsageFiguresView",
    "UsageRowView",
    "UsageView",
    "WaitingCountsView",
    "WaitingView",
    "WaitingViewErrorType0",
    "WaitingViewFactsType0",
    "WaitingViewKind",
    "WaitingViewOptionsType0Item",
    "WavePlanView",
    "WavePlanViewCalendarItem",
    "WavePlanViewDatesItem",
    "WavePlanViewFindingsItem",
    "WavePlanViewItemsItem",
    "WavePlanViewLoadItem",
    "WavePlanViewSummaryType0",
    "WavePlanViewViolationsType0",
)
