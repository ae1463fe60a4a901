package io.culvert.cli;

import java.io.PrintWriter;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Shows a state on a terminal, in place, until it is closed: on the terminal's second page, so that
 * what was on the first is there again afterwards. Owns one thread. Thread-safe.
 */
final class LiveScreen implements AutoCloseable {
  private static final long REDRAW_MILLIS = 250;

  /** The second page, without a cursor (xterm, DECSET 1049 and 25). */
  private static final String OPEN = "\u001b[?1049h\u001b[?25l";

  private static final String CLOSE = "\u001b[?25h\u001b[?1049l";

  /** What comes between the two appears at once where the terminal knows them (DECSET 2026). */
  private static final String BEGIN = "\u001b[?2026h\u001b[H";

  private static final String END = "\u001b[J\u001b[?2026l";

  private static final String END_OF_LINE = "\u001b[K";
  private static final String BOLD = "\u001b[1m";
  private static final String PLAIN = "\u001b[0m";

  private final Terminal terminal;
  private final Supplier<ScreenState> state;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread made = new Thread(task, "culvert-screen");
            made.setDaemon(true);
            return made;
          });
  private final Thread atExit = new Thread(this::restore, "culvert-screen-restore");

  // Guarded by this.
  private boolean open;
  private List<String> shown = List.of();

  /** Read by the thread, set by the signal's. */
  private volatile Terminal.Size size;

  private LiveScreen(Terminal terminal, Supplier<ScreenState> state) {
    this.terminal = terminal;
    this.state = state;
  }

  /** Begins to show the state. */
  static LiveScreen open(Terminal terminal, Supplier<ScreenState> state) {
    LiveScreen screen = new LiveScreen(terminal, state);
    screen.size = terminal.size();
    screen.begin();
    return screen;
  }

  private void begin() {
    synchronized (this) {
      open = true;
      write(OPEN);
    }
    // A terminal that is left without a cursor outlives the process.
    Runtime.getRuntime().addShutdownHook(atExit);
    Signals.on("WINCH", this::resized);
    var unused = thread.scheduleWithFixedDelay(this::draw, 0, REDRAW_MILLIS, TimeUnit.MILLISECONDS);
  }

  private void resized() {
    size = terminal.size();
    synchronized (this) {
      shown = List.of();
    }
  }

  private void draw() {
    // A full line would leave the cursor on its last character, which END_OF_LINE then erases.
    Terminal.Size now = size;
    List<String> lines =
        Screen.lines(
            state.get(), Instant.now(), ZoneId.systemDefault(), now.columns() - 1, now.rows());
    synchronized (this) {
      if (open && !lines.equals(shown)) {
        write(frame(lines));
        shown = lines;
      }
    }
  }

  /** Each line replaces the one that was there, and nothing is blank in between: no flicker. */
  static String frame(List<String> lines) {
    StringBuilder frame = new StringBuilder(BEGIN);
    for (int i = 0; i < lines.size(); i++) {
      frame.append(i == 0 ? BOLD : "\r\n").append(lines.get(i)).append(i == 0 ? PLAIN : "");
      frame.append(END_OF_LINE);
    }
    return frame.append(END).toString();
  }

  private synchronized void restore() {
    if (open) {
      open = false;
      write(CLOSE);
    }
  }

  /** Under the lock: half of one frame and half of another would be neither. */
  private void write(String text) {
    PrintWriter out = terminal.writer();
    out.write(text);
    out.flush();
  }

  /** Gives the terminal back as it was. Idempotent. */
  @Override
  public void close() {
    thread.shutdownNow();
    restore();
    try {
      Runtime.getRuntime().removeShutdownHook(atExit);
    } catch (IllegalStateException e) {
      // The process ends, and the hook finds nothing to do.
      return;
    }
  }
}
