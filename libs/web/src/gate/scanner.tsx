import { type ReactNode, useEffect, useRef, useState } from 'react';
import { useUsher } from '../service/usher-context.js';
import { Page } from '../ui/page.js';
import { CodeField } from './code-field.js';
import { ConflictList } from './conflict-list.js';
import type { GateSettings } from './gate-settings.js';
import { GateStatus } from './gate-status.js';
import { type CameraState, useCamera } from './use-camera.js';
import { type OpenGate, useCodeCheck, useGate } from './use-gate.js';
import { VerdictPanel } from './verdict-panel.js';

interface ScannerProps {
  readonly settings: GateSettings;
  readonly onEditSettings: () => void;
  /** What the page shows below the scanner. */
  readonly children: ReactNode;
}

/** Checks ticket codes and shows each answer in large letters. */
export function Scanner({ settings, onEditSettings, children }: ScannerProps) {
  const open = useGate(settings);
  const title = useShowTitle(settings.showId);
  return (
    <Page title="Gate" className="gate-page" lead={settings.name === '' ? title : `${settings.name} · ${title}`}>
      {open && <OpenGatePanel {...open} onEditSettings={onEditSettings} />}
      {children}
    </Page>
  );
}

interface OpenGatePanelProps extends OpenGate {
  readonly onEditSettings: () => void;
}

function OpenGatePanel({ store: gate, view, onEditSettings }: OpenGatePanelProps) {
  const { checkState, check, clear, clearAnswer } = useCodeCheck(gate);
  const [isCameraOn, setIsCameraOn] = useState(false);
  const video = useRef<HTMLVideoElement>(null);
  const camera = useCamera(video, isCameraOn, check);
  const next = (): void => {
    camera.allowRepeat();
    clear();
  };
  return (
    <>
      <GateStatus view={view} />
      <VerdictPanel checkState={checkState} onNext={next} />
      <CodeField onCode={check} onTyping={clearAnswer} />
      <div className={isCameraOn ? 'gate-camera' : 'gate-camera gate-camera-off'}>
        <video ref={video} muted playsInline aria-label="What the camera sees" />
        <p role="status">{cameraTexts[camera.state]}</p>
      </div>
      <div className="actions">
        <button type="button" className="button" onClick={() => setIsCameraOn(!isCameraOn)}>
          {isCameraOn ? 'Stop the camera' : 'Use the camera'}
        </button>
        <button type="button" className="button" onClick={() => void gate.refresh()}>
          Download the ticket list
        </button>
        <button type="button" className="button" onClick={onEditSettings}>
          Settings
        </button>
      </div>
      <ConflictList conflicts={view.conflicts} onDismiss={() => void gate.clearConflicts()} />
    </>
  );
}

const cameraTexts: Readonly<Record<CameraState, string>> = {
  off: '',
  starting: 'Starting the camera …',
  on: 'Hold a ticket in front of the camera.',
  denied: 'The page cannot use the camera. Allow it in the browser, or open the page over https.',
  missing: 'No camera was found.',
};

/** Returns the title of the show, or its number until the title is loaded. */
function useShowTitle(showId: number): string {
  const { catalog } = useUsher();
  const [title, setTitle] = useState(`Show ${showId}`);
  useEffect(() => {
    let isWanted = true;
    catalog.show(showId).then(
      ({ movie, hall }) => isWanted && setTitle(`${movie.title}, ${hall.name}`),
      () => undefined,
    );
    return () => {
      isWanted = false;
    };
  }, [catalog, showId]);
  return title;
}
