import { useEffect, useRef, useState } from 'react';
import { Page } from '../ui/page.js';
import { useUsher } from '../service/usher-context.js';
import { CodeField } from './code-field.js';
import { ConflictList } from './conflict-list.js';
import type { GateSettings } from './gate-settings.js';
import { GateStatus } from './gate-status.js';
import { type CameraState, useCamera } from './use-camera.js';
import { type OpenGate, useCodeCheck, useGate } from './use-gate.js';
import { VerdictPanel } from './verdict-panel.js';

interface ScannerProps {
  readonly settings: GateSettings;
  readonly onSetUp: () => void;
}

/** Reads codes and says of each, in large words, whether its holder comes in. */
export function Scanner({ settings, onSetUp }: ScannerProps) {
  const open = useGate(settings);
  const title = useShowTitle(settings.showId);
  return (
    <Page title="Gate" className="gate-page" lead={settings.name === '' ? title : `${settings.name} · ${title}`}>
      {open && <OpenGatePanel {...open} onSetUp={onSetUp} />}
    </Page>
  );
}

interface OpenGatePanelProps extends OpenGate {
  readonly onSetUp: () => void;
}

function OpenGatePanel({ store: gate, view, onSetUp }: OpenGatePanelProps) {
  const { checked, check, clear, startTyping } = useCodeCheck(gate);
  const [isCameraOn, setIsCameraOn] = useState(false);
  const video = useRef<HTMLVideoElement>(null);
  const camera = useCamera(video, isCameraOn, check);
  const next = (): void => {
    camera.again();
    clear();
  };
  return (
    <>
      <GateStatus view={view} />
      <VerdictPanel checked={checked} onNext={next} />
      <CodeField onCode={check} onTyping={startTyping} />
      <div className={isCameraOn ? 'gate-camera' : 'gate-camera gate-camera-off'}>
        <video ref={video} muted playsInline aria-label="What the camera sees" />
        <p role="status">{cameraTexts[camera.state]}</p>
      </div>
      <div className="actions">
        <button type="button" className="button" onClick={() => setIsCameraOn(!isCameraOn)}>
          {isCameraOn ? 'Stop the camera' : 'Use the camera'}
        </button>
        <button type="button" className="button" onClick={() => void gate.refresh()}>
          Fetch the list now
        </button>
        <button type="button" className="button" onClick={onSetUp}>
          Set up
        </button>
      </div>
      <ConflictList conflicts={view.conflicts} onSeen={() => void gate.clearConflicts()} />
    </>
  );
}

const cameraTexts: Readonly<Record<CameraState, string>> = {
  off: '',
  starting: 'Starting the camera …',
  on: 'Hold a code before the camera.',
  denied: 'The camera may not be used: allow it for this page in the browser, or open the page over https.',
  missing: 'No camera was found.',
};

/** What is shown, or its number while that is not known. */
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
