import { Suspense, useEffect, type ReactNode } from 'react';
import { Redirect, Route, Switch, useLocation } from 'wouter';
import { usePathname } from 'wouter/use-browser-location';
import { labelList } from './api.ts';
import { ComposeScreen, loadDraftForm } from './compose/compose-screen.tsx';
import { DropAnywhere } from './drafts/drop-anywhere.tsx';
import { FeedScreen } from './feed/feed-screen.tsx';
import { useLabelWords } from './i18n/label-words.ts';
import { useText } from './i18n/language.tsx';
import { CrashGuard } from './layout/crash.tsx';
import { Header } from './layout/header.tsx';
import { useRouteFocus } from './layout/route-focus.ts';
import { Empty, NoticeList, OfflineBar, useTitle } from './layout/status.tsx';
import { SearchScreen } from './search/search-screen.tsx';
import { PostScreen } from './post/post-screen.tsx';
import { UndoList } from './post/undo-list.tsx';
import { useServices } from './services.ts';
import { useSession } from './session/session.tsx';
import { SignInScreen, Welcome } from './sign-in/sign-in-screen.tsx';
import { UploadList } from './upload/upload-list.tsx';
import { useLeaveGuard } from './upload/use-upload.ts';

/** Milliseconds after which the form of a new post is loaded: what is on the screen comes first. */
const FORM_AHEAD = 3_000;

export function App() {
  const text = useText();
  const { uploads } = useServices();
  useLeaveGuard(uploads);
  useRouteFocus();
  useFormAhead();
  return (
    <>
      <a href="#main" className="skip">
        {text.skip}
      </a>
      <Header />
      <OfflineBar />
      <main id="main" tabIndex={-1}>
        <CrashGuard>
          <Suspense>
            <Screens />
          </Suspense>
        </CrashGuard>
      </main>
      <div className="notices">
        <UploadList />
        <NoticeList>
          <UndoList />
        </NoticeList>
      </div>
      <DropAnywhere />
    </>
  );
}

/** Who is signed in may want to write, also once the network is gone. */
function useFormAhead() {
  const { name } = useSession();
  useEffect(() => {
    if (name === undefined) return undefined;
    const timer = setTimeout(() => void loadDraftForm().catch(() => undefined), FORM_AHEAD);
    return () => clearTimeout(timer);
  }, [name]);
}

function Screens() {
  const text = useText();
  const { name, way, returning = false } = useSession();
  const [, navigate] = useLocation();
  // Who signs in how is not known yet, or signing in is under way: a moment in which nothing is asked.
  const stranger = (screen: ReactNode) => (way === undefined ? null : screen);
  return (
    <Switch>
      <Route path="/">
        <FeedScreen
          words={{
            title: text.feed.everybody,
            empty: text.feed.emptyEverybody,
            emptyLead: text.feed.emptyEverybodyLead,
          }}
        >
          {name === undefined && !returning && <Welcome />}
        </FeedScreen>
      </Route>
      <Route path="/me">{name === undefined ? stranger(<SignInScreen />) : <MyFeed name={name} />}</Route>
      <Route path="/u/:name">
        <SomeonesFeed />
      </Route>
      <Route path="/label/:label">
        <LabelFeed />
      </Route>
      <Route path="/search">
        <SearchScreen />
      </Route>
      <Route path="/p/:uuid">{({ uuid }) => <PostScreen key={uuid} uuid={uuid} />}</Route>
      <Route path="/new">{name === undefined ? stranger(<SignInScreen />) : <ComposeScreen />}</Route>
      <Route path="/sign-in">
        {name === undefined ? stranger(<SignInScreen onDone={() => navigate('/')} />) : <Redirect to="/" />}
      </Route>
      <Route>
        <NotFound />
      </Route>
    </Switch>
  );
}

function MyFeed({ name }: { name: string }) {
  const text = useText();
  return (
    <FeedScreen
      key={name}
      list={name}
      words={{ title: text.feed.mine, empty: text.feed.emptyMine, emptyLead: text.feed.emptyMineLead }}
    />
  );
}

function SomeonesFeed() {
  const { name } = useSession();
  const whose = useSecondPart();
  if (whose === undefined) return <NotFound />;
  return whose === name ? <MyFeed name={whose} /> : <UserFeed key={whose} name={whose} />;
}

function LabelFeed() {
  const text = useText();
  const words = useLabelWords();
  const label = useSecondPart()?.trim();
  if (label === undefined || label === '') return <NotFound />;
  const known = words.of(label);
  const word = known === label ? label : known.toLowerCase();
  return (
    <FeedScreen
      key={label}
      list={labelList(label)}
      canWrite={false}
      words={{
        title: text.feed.labelled(word),
        empty: text.feed.emptyLabelled(word),
        emptyLead: text.feed.emptyOfLead,
      }}
    />
  );
}

/** `ada` of `/u/ada`; undefined where it is not well encoded. The router decodes only half of what encodeURIComponent encodes. */
function useSecondPart(): string | undefined {
  return decoded(usePathname().split('/')[2] ?? '');
}

function decoded(part: string): string | undefined {
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined;
  }
}

function UserFeed({ name }: { name: string }) {
  const text = useText();
  return (
    <FeedScreen
      list={name}
      canWrite={false}
      words={{ title: text.feed.of(name), empty: text.feed.emptyOf(name), emptyLead: text.feed.emptyOfLead }}
    />
  );
}

function NotFound() {
  const text = useText();
  useTitle(text.notFound.title);
  return <Empty title={text.notFound.title} lead={text.notFound.lead} alone />;
}
