import { createContext, useContext, useEffect, useMemo, useState, type ReactNode } from 'react';
import { recall, remember } from '../session/storage.ts';
import { en, type Text } from './en.ts';
import { fr } from './fr.ts';

const texts = { en, fr };
type Language = keyof typeof texts;

const LanguageContext = createContext<{ text: Text; language: Language; toggle: () => void } | undefined>(
  undefined,
);

/** Gives the page its language: the one chosen before, else the reader's first that we speak, else English. */
export function LanguageProvider({ children }: { children: ReactNode }) {
  const [language, setLanguage] = useState(initialLanguage);
  useEffect(() => {
    document.documentElement.lang = language;
  }, [language]);
  const value = useMemo(() => {
    function toggle() {
      const other = language === 'en' ? 'fr' : 'en';
      remember('language', other);
      setLanguage(other);
    }
    return { text: texts[language], language, toggle };
  }, [language]);
  return <LanguageContext value={value}>{children}</LanguageContext>;
}

export function useLanguage() {
  const value = useContext(LanguageContext);
  if (!value) throw new Error('useLanguage outside LanguageProvider');
  return value;
}

/** The words of the page in the reader's language. */
export function useText(): Text {
  return useLanguage().text;
}

/** Dates the way the reader writes them: their own region where it speaks the page's language. */
export function useLocale(): string {
  const { language } = useLanguage();
  return navigator.languages.find((tag) => tag.split('-')[0] === language) ?? language;
}

function initialLanguage(): Language {
  const wanted = [recall('language'), ...navigator.languages.map((tag) => tag.split('-')[0])];
  return wanted.find(isLanguage) ?? 'en';
}

function isLanguage(tag: string | undefined): tag is Language {
  return tag !== undefined && tag in texts;
}
