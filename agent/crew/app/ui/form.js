// The rules of the form: which further questions are asked, and what is wrong with a visit. Pure: no page, no clock.
// They are the van's rules too (ark.Form.Asks and CheckVisit), and one table of cases is run over both.

export const outcomes = ["met", "no-answer", "refused", "moved"];

export const types = { text: 1, number: 2, yesNo: 3, one: 4, many: 5, date: 6 };

// asked are the codes of the questions that are asked of a visit, in order. One that is not asked has no answer, so
// what depends on it is not asked either.
export function asked(form, visit) {
  const given = {
    outcome: visit.outcome ? [visit.outcome] : [],
    services: visit.services ?? [],
    needs: (visit.needs ?? []).map((n) => n.category),
  };
  const codes = [];
  for (const field of form?.fields ?? []) {
    if (!(field.when ?? []).every((w) => w.any.some((value) => (given[w.of] ?? []).includes(value)))) continue;
    codes.push(field.code);
    given[field.code] = answer(visit, field.code);
  }
  return codes;
}

export function answer(visit, code) {
  return (visit.answers ?? []).find((a) => a.code === code)?.values ?? [];
}

// withAnswer is the visit's answers with one said anew; no values takes it away.
export function withAnswer(visit, code, values) {
  const others = (visit.answers ?? []).filter((a) => a.code !== code);
  return values.length ? [...others, { code, values }] : others;
}

// pruned are the visit's answers without those to questions that are not asked any more.
export function pruned(form, visit) {
  const codes = asked(form, visit);
  return (visit.answers ?? []).filter((a) => codes.includes(a.code));
}

const number = /^-?[0-9]+(\.[0-9]+)?$/, day = /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/;

function fits(field, values) {
  const [value] = values, codes = (field.choices ?? []).map((c) => c.code);
  switch (field.type) {
    case types.number: return values.length === 1 && number.test(value) && value.replace(/\D/g, "").length <= 15;
    case types.yesNo: return values.length === 1 && (value === "yes" || value === "no");
    case types.one: return values.length === 1 && codes.includes(value);
    case types.many: return values.every((v, i) => codes.includes(v) && !values.slice(0, i).includes(v));
    case types.date: return values.length === 1 && day.test(value) && !isNaN(new Date(value + "T00:00:00Z")) &&
      new Date(value + "T00:00:00Z").toISOString().startsWith(value);
  }
  return values.length === 1 && value.trim() !== "";
}

// faults are what is wrong with a visit, as {field, why}: field is place, outcome, or the code of a question.
export function faults(form, visit) {
  const found = [];
  if (!visit.place?.trim()) found.push({ field: "place", why: "fault.place" });
  if (!outcomes.includes(visit.outcome)) found.push({ field: "outcome", why: "fault.outcome" });
  const codes = asked(form, visit);
  for (const field of form?.fields ?? []) {
    if (!codes.includes(field.code)) continue;
    const values = answer(visit, field.code);
    if (!values.length ? field.required && visit.outcome === "met" : !fits(field, values)) {
      found.push({ field: field.code, why: values.length ? "fault.answer" : "fault.required" });
    }
  }
  for (const what of ["photo", "voice"]) {
    const refused = (visit.consent ?? []).some((c) => c.what === what && !c.given);
    if (refused && (visit.attachments ?? []).some((a) => a.role === what)) found.push({ field: "consent", why: "against." + what });
  }
  return found;
}
