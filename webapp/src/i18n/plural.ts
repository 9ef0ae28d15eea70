/**
 * A sentence that counts, by the plural rules of its language.
 * @param forms one sentence per form, `{n}` where the number goes
 */
export function plural(language: string, forms: { one: string; other: string }): (count: number) => string {
  const rules = new Intl.PluralRules(language);
  const number = new Intl.NumberFormat(language);
  return (count) => {
    const form = rules.select(count) === 'one' ? forms.one : forms.other;
    return form.replace('{n}', number.format(count));
  };
}
