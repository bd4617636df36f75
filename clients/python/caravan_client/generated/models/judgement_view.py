from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.judged_batch_view import JudgedBatchView
    from ..models.judgement_view_facts_type_0 import JudgementViewFactsType0
    from ..models.judgement_view_options_item import JudgementViewOptionsItem


T = TypeVar("T", bound="JudgementView")


@_attrs_define
class JudgementView:
    """A contested case: what was put to the crew, and what stands. Texts of facts are masked.

    Attributes:
        phase (str):
        crew (str):
        case_id (str):
        option (str):
        confidence (float):
        decided_by (str): rule, crew, person, learned
        reasons (list[str] | None):
        evidence (list[str] | None):
        why_rule (None | str): what kept the crew out, where the recommendation stands
        model (None | str):
        prompt_version (None | str):
        facts (JudgementViewFactsType0 | None): null when no crew was asked
        options (list[JudgementViewOptionsItem]):
        recommendation (str):
        batch (JudgedBatchView | None): what the calls cost in which the case was put
    """

    phase: str
    crew: str
    case_id: str
    option: str
    confidence: float
    decided_by: str
    reasons: list[str] | None
    evidence: list[str] | None
    why_rule: None | str
    model: None | str
    prompt_version: None | str
    facts: JudgementViewFactsType0 | None
    options: list[JudgementViewOptionsItem]
    recommendation: str
    batch: JudgedBatchView | None

    def to_dict(self) -> dict[str, Any]:
        from ..models.judged_batch_view import JudgedBatchView  # noqa: PLC0415
        from ..models.judgement_view_facts_type_0 import JudgementViewFactsType0  # noqa: PLC0415

        phase = self.phase

        crew = self.crew

        case_id = self.case_id

        option = self.option

        confidence = self.confidence

        decided_by = self.decided_by

        reasons: list[str] | None
        if isinstance(self.reasons, list):
            reasons = self.reasons

        else:
            reasons = self.reasons

        evidence: list[str] | None
        if isinstance(self.evidence, list):
            evidence = self.evidence

        else:
            evidence = self.evidence

        why_rule: None | str
        why_rule = self.why_rule

        model: None | str
        model = self.model

        prompt_version: None | str
        prompt_version = self.prompt_version

        facts: dict[str, Any] | None
        if isinstance(self.facts, JudgementViewFactsType0):
            facts = self.facts.to_dict()
        else:
            facts = self.facts

        options = []
        for options_item_data in self.options:
            options_item = options_item_data.to_dict()
            options.append(options_item)

        recommendation = self.recommendation

        batch: dict[str, Any] | None
        if isinstance(self.batch, JudgedBatchView):
            batch = self.batch.to_dict()
        else:
            batch = self.batch

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "phase": phase,
                "crew": crew,
                "case_id": case_id,
                "option": option,
                "confidence": confidence,
                "decided_by": decided_by,
                "reasons": reasons,
                "evidence": evidence,
                "why_rule": why_rule,
                "model": model,
                "prompt_version": prompt_version,
                "facts": facts,
                "options": options,
                "recommendation": recommendation,
                "batch": batch,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.judged_batch_view import JudgedBatchView  # noqa: PLC0415
        from ..models.judgement_view_facts_type_0 import JudgementViewFactsType0  # noqa: PLC0415
        from ..models.judgement_view_options_item import JudgementViewOptionsItem  # noqa: PLC0415

        d = dict(src_dict)
        phase = d.pop("phase")

        crew = d.pop("crew")

        case_id = d.pop("case_id")

        option = d.pop("option")

        confidence = d.pop("confidence")

        decided_by = d.pop("decided_by")

        def _parse_reasons(data: object) -> list[str] | None:
            if data is None:
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                reasons_type_0 = cast(list[str], data)

                return reasons_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[str] | None, data)

        reasons = _parse_reasons(d.pop("reasons"))

        def _parse_evidence(data: object) -> list[str] | None:
            if data is None:
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                evidence_type_0 = cast(list[str], data)

                return evidence_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[str] | None, data)

        evidence = _parse_evidence(d.pop("evidence"))

        def _parse_why_rule(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        why_rule = _parse_why_rule(d.pop("why_rule"))

        def _parse_model(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        model = _parse_model(d.pop("model"))

        def _parse_prompt_version(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        prompt_version = _parse_prompt_version(d.pop("prompt_version"))

        def _parse_facts(data: object) -> JudgementViewFactsType0 | None:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                facts_type_0 = JudgementViewFactsType0.from_dict(data)

                return facts_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(JudgementViewFactsType0 | None, data)

        facts = _parse_facts(d.pop("facts"))

        options = []
        _options = d.pop("options")
        for options_item_data in _options:
            options_item = JudgementViewOptionsItem.from_dict(options_item_data)

            options.append(options_item)

        recommendation = d.pop("recommendation")

        def _parse_batch(data: object) -> JudgedBatchView | None:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                batch_type_0 = JudgedBatchView.from_dict(data)

                return batch_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(JudgedBatchView | None, data)

        batch = _parse_batch(d.pop("batch"))

        judgement_view = cls(
            phase=phase,
            crew=crew,
            case_id=case_id,
            option=option,
            confidence=confidence,
            decided_by=decided_by,
            reasons=reasons,
            evidence=evidence,
            why_rule=why_rule,
            model=model,
            prompt_version=prompt_version,
            facts=facts,
            options=options,
            recommendation=recommendation,
            batch=batch,
        )

        return judgement_view
