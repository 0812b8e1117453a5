import { useMemo } from 'react';
import { capitalize } from '../ui/format.js';
import type { HallMap } from './hall-map.js';
import './hall.css';

/** Draws the stage and the names of rows and sections. */
export function Scenery({ map }: { readonly map: HallMap }) {
  const { stage, pitch, captions } = map;
  return useMemo(
    () => (
      <g aria-hidden="true" className="scenery">
        {stage !== null && (
          <>
            <rect {...getStageBox(stage)} rx={Math.min(stage.width, stage.height) / 4} />
            <text {...getStageTextBox(stage, pitch)} className="stage">
              {capitalize(stage.label)}
            </text>
          </>
        )}
        {captions.map(({ text, x, y, kind }) => (
          <text key={`${kind} ${text} ${x} ${y}`} x={x} y={y} fontSize={pitch * (kind === 'row' ? 0.45 : 0.6)}>
            {text}
          </text>
        ))}
      </g>
    ),
    [stage, pitch, captions],
  );
}

type Stage = NonNullable<HallMap['stage']>;

const getStageBox = ({ x, y, width, height }: Stage) => ({ x, y, width, height });

/**
 * Returns the position and size of the stage's name. The name of a thin screen is below the screen, and the name of a
 * deeper stage is inside the stage.
 */
function getStageTextBox({ x, y, width, height }: Stage, pitch: number) {
  const middle = x + width / 2;
  if (height < pitch) return { x: middle, y: y + height + pitch * 0.55, fontSize: pitch * 0.6 };
  return { x: middle, y: y + height / 2, fontSize: Math.max(pitch * 0.7, Math.min(height, width / 6) * 0.4) };
}
