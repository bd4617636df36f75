"""Contains all the data models used in inputs/outputs"""

from .answer_question import AnswerQuestion
from .answered_view import AnsweredView
from .approval_view import ApprovalView
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
from .budget_view import BudgetView
from .cancel_flow import CancelFlow
from .cell_view import CellView
from .change_view import ChangeView
from .changed_assets_view import ChangedAssetsView
from .choose_estate import ChooseEstate
from .column_meaning_view import ColumnMeaningView
from .configuration import Configuration
from .configuration_phase_budgets_type_0 import ConfigurationPhaseBudgetsType0
from .conflict_of_view import ConflictOfView
from .conflict_view import ConflictView
from .correct_mapping import CorrectMapping
from .correct_mappings import CorrectMappings
from .corrected_view import CorrectedView
from .create_flow import CreateFlow
from .create_upload_body import CreateUploadBody
from .dataset_view import DatasetView
from .dead_letter_view import DeadLetterView
from .decide_approval import DecideApproval
from .decided_view import DecidedView
from .decision_view import DecisionView
from .entity_view import EntityView
from .entity_view_data import EntityViewData
from .estate_view import EstateView
from .estates_view import EstatesView
from .event_view import EventView
from .event_view_data import EventViewData
from .facet_value_view import FacetValueView
from .facets_view import FacetsView
from .facets_view_facets import FacetsViewFacets
from .flow_status import FlowStatus
from .flow_type_version_view import FlowTypeVersionView
from .flow_type_version_view_definition import FlowTypeVersionViewDefinition
from .flow_type_view import FlowTypeView
from .flow_types_view import FlowTypesView
from .flow_view import FlowView
from .flow_view_configuration import FlowViewConfiguration
from .get_entity_lineage_direction import GetEntityLineageDirection
from .get_usage_by_item import GetUsageByItem
from .health_view import HealthView
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
from .mapping_view import MappingView
from .origin_view import OriginView
from .page_approval_view import PageApprovalView
from .page_attempt_view import PageAttemptView
from .page_audit_view import PageAuditView
from .page_conflict_view import PageConflictView
from .page_dataset_view import PageDatasetView
from .page_dead_letter_view import PageDeadLetterView
from .page_entity_view import PageEntityView
from .page_event_view import PageEventView
from .page_flow_view import PageFlowView
from .page_learned_view import PageLearnedView
from .page_mapping_view import PageMappingView
from .page_question_view import PageQuestionView
from .page_rollback_summary_view import PageRollbackSummaryView
from .patch_asset import PatchAsset
from .patch_asset_set import PatchAssetSet
from .patched_asset_view import PatchedAssetView
from .phase_view import PhaseView
from .phase_view_decided_by import PhaseViewDecidedBy
from .phase_view_error_type_0 import PhaseViewErrorType0
from .phase_view_summary import PhaseViewSummary
from .phases_view import PhasesView
from .plan_rollback import PlanRollback
from .plan_rollback_kind import PlanRollbackKind
from .problem_view import ProblemView
from .problem_view_errors_item import ProblemViewErrorsItem
from .question_view import QuestionView
from .question_view_facts import QuestionViewFacts
from .question_view_options_item import QuestionViewOptionsItem
from .reference_table_replaced_view import ReferenceTableReplacedView
from .reference_table_view import ReferenceTableView
from .reference_table_view_rows import ReferenceTableViewRows
from .replace_reference_table import ReplaceReferenceTable
from .replace_reference_table_rows import ReplaceReferenceTableRows
from .replay_dead_letters import ReplayDeadLetters
from .replayed_view import ReplayedView
from .resolve_conflict import ResolveConflict
from .resolved_view import ResolvedView
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
from .rows_view import RowsView
from .rows_view_items_item import RowsViewItemsItem
from .skip_phase import SkipPhase
from .source_row_view import SourceRowView
from .source_row_view_values import SourceRowViewValues
from .source_view import SourceView
from .standing_decision_view import StandingDecisionView
from .start_rollback import StartRollback
from .start_rollback_kind import StartRollbackKind
from .started_rollback_view import StartedRollbackView
from .step_view import StepView
from .step_view_data import StepViewData
from .units_view import UnitsView
from .upload_view import UploadView
from .usage_figures_view import UsageFiguresView
from .usage_row_view import UsageRowView
from .usage_view import UsageView

__all__ = (
    "AnsweredView",
    "AnswerQuestion",
    "ApprovalView",
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
    "BudgetView",
    "CancelFlow",
    "CellView",
    "ChangedAssetsView",
    "ChangeView",
    "ChooseEstate",
    "ColumnMeaningView",
    "Configuration",
    "ConfigurationPhaseBudgetsType0",
    "ConflictOfView",
    "ConflictView",
    "CorrectedView",
    "CorrectMapping",
    "CorrectMappings",
    "CreateFlow",
    "CreateUploadBody",
    "DatasetView",
    "DeadLetterView",
    "DecideApproval",
    "DecidedView",
    "DecisionView",
    "EntityView",
    "EntityViewData",
    "EstatesView",
    "EstateView",
    "EventView",
    "EventViewData",
    "FacetsView",
    "FacetsViewFacets",
    "FacetValueView",
    "FlowStatus",
    "FlowTypesView",
    "FlowTypeVersionView",
    "FlowTypeVersionViewDefinition",
    "FlowTypeView",
    "FlowView",
    "FlowViewConfiguration",
    "GetEntityLineageDirection",
    "GetUsageByItem",
    "HealthView",
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
    "MappingView",
    "OriginView",
    "PageApprovalView",
    "PageAttemptView",
    "PageAuditView",
    "PageConflictView",
    "PageDatasetView",
    "PageDeadLetterView",
    "PageEntityView",
    "PageEventView",
    "PageFlowView",
    "PageLearnedView",
    "PageMappingView",
    "PageQuestionView",
    "PageRollbackSummaryView",
    "PatchAsset",
    "PatchAssetSet",
    "PatchedAssetView",
    "PhasesView",
    "PhaseView",
    "PhaseViewDecidedBy",
    "PhaseViewErrorType0",
    "PhaseViewSummary",
    "PlanRollback",
    "PlanRollbackKind",
    "ProblemView",
    "ProblemViewErrorsItem",
    "QuestionView",
    "QuestionViewFacts",
    "QuestionViewOptionsItem",
    "ReferenceTableReplacedView",
    "ReferenceTableView",
    "ReferenceTableViewRows",
    "ReplaceReferenceTable",
    "ReplaceReferenceTableRows",
    "ReplayDeadLetters",
    "ReplayedView",
    "ResolveConflict",
    "ResolvedView",
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
    "RowsView",
    "RowsViewItemsItem",
    "SkipPhase",
    "SourceRowView",
    "SourceRowViewValues",
    "SourceView",
    "StandingDecisionView",
    "StartedRollbackView",
    "StartRollback",
    "StartRollbackKind",
    "StepView",
    "StepViewData",
    "UnitsView",
    "UploadView",
    "UsageFiguresView",
    "UsageRowView",
    "UsageView",
)
