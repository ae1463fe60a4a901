package io.culvert.websocket.jdk;

import io.culvert.websocket.ListenerCalls;
import java.net.ProtocolException;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletionStage;

/**
 * What the JDK reports of one WebSocket, made whole messages. It is asked for the next part when
 * the one before is dealt with.
 *
 * <p>A pause holds back what comes, and stops asking only when that has become much: the JDK
 * notices the end of a socket reliably only while it is asked for something (see {@link Watch}).
 */
final class Incoming implements WebSocket.Listener {
  /** So much and one message more is held during a pause. */
  private static final int ENOUGH_BYTES = 64 * 1024;

  /** What holding something takes besides its bytes, roughly. */
  private static final int HELD_OVERHEAD = 64;

  private record Held(int bytes, Runnable delivery) {}

  private final JdkWebSocket owner;
  private final ClientThreads threads;
  private final ListenerCalls calls;
  private final Watch watch;
  private final int maxMessageBytes;

  // Both inside the JDK's callbacks only, which do not overlap.
  private final PartialMessage partial;
  private boolean tooBig;

  // All below is guarded by this.
  private final Queue<Held> held = new ArrayDeque<>();
  private int heldBytes;

  /** What was held is being delivered, or about to be; what comes meanwhile goes behind it. */
  private boolean delivering;

  /** The listener has heard of the WebSocket. */
  private boolean started;

  private boolean paused;

  /** The WebSocket is over for the listener: what still comes is thrown away. */
  private boolean discarding;

  /** The JDK has been asked for something that has not come. */
  private boolean asked = true; // by onOpen

  /** A callback of the JDK's runs, which asks at its end: no other thread is to be quicker. */
  private boolean answering;

  /** The selector thread waits inside a callback for the end of the pause. */
  private boolean waiting;

  /** How much the JDK has to send that the socket does not take: the selector thread is needed. */
  private int unsent;

  Incoming(
      JdkWebSocket owner,
      ClientThreads threads,
      ListenerCalls calls,
      Watch watch,
      int maxMessageBytes) {
    this.owner = owner;
    this.threads = threads;
    this.calls = calls;
    this.watch = watch;
    this.maxMessageBytes = maxMessageBytes;
    this.partial = new PartialMessage(maxMessageBytes);
  }

  synchronized void pause() {
    paused = true;
  }

  /** Whether the listener wants to hear nothing. */
  synchronized boolean paused() {
    return paused && !discarding;
  }

  /** Undoes {@link #pause}. */
  void resume() {
    synchronized (this) {
      paused = false;
      notifyAll(); // waitOutThePause
    }
    watch.resumed();
    goOn();
  }

  /** Something could not be sent at once. */
  synchronized void sendBegun() {
    unsent++;
    notifyAll(); // waitOutThePause
  }

  /** It is sent, or never will be. */
  synchronized void sendEnded() {
    unsent--;
  }

  /** The listener's onOpen has run. */
  void start() {
    synchronized (this) {
      started = true;
    }
    goOn();
  }

  private void goOn() {
    synchronized (this) {
      if (delivering || waiting || holding()) {
        return;
      }
      delivering = true;
    }
    // Not here: the JDK delivers what it has on the thread that asks for it.
    threads.aside(this::deliverHeld);
  }

  /** The monitor is held. */
  private boolean holding() {
    return (paused || !started) && !discarding;
  }

  private void deliverHeld() {
    runHeld();
    askForMore();
  }

  private void runHeld() {
    for (Held next = nextHeld(); next != null; next = nextHeld()) {
      next.delivery().run();
    }
  }

  private synchronized Held nextHeld() {
    Held next = holding() ? null : held.poll();
    heldBytes -= next == null ? 0 : next.bytes();
    delivering = next != null;
    return next;
  }

  /** From here on only the end counts. */
  synchronized void discard() {
    discarding = true;
    held.clear();
    heldBytes = 0;
    notifyAll(); // waitOutThePause
  }

  private void askForMore() {
    synchronized (this) {
      if (asked || answering || full()) {
        return;
      }
      asked = true;
    }
    if (!threads.onSelector()) {
      watch.unsure();
    }
    owner.underlying().request(1);
  }

  /** The JDK has been asked and has answered; whether it matters. */
  private boolean heard() {
    watch.heard(threads.onSelector());
    synchronized (this) {
      asked = false;
      answering = true;
      return !discarding && !tooBig;
    }
  }

  /** The end of a callback that the JDK goes on after. */
  private CompletionStage<?> next() {
    if (waitOutThePause()) {
      runHeld();
    }
    synchronized (this) {
      answering = false;
    }
    askForMore();
    return null; // the JDK may have its buffer back
  }

  /**
   * Rather than not to ask, and later to ask from another thread, the selector thread waits here if
   * enough is held, and nothing needs it for sending. Not while the dial needs it.
   *
   * @return whether what is held is to be delivered now, by this thread
   */
  private synchronized boolean waitOutThePause() {
    if (!threads.onSelector() || !started || !full()) {
      return false;
    }
    waiting = true;
    try {
      while (holding() && unsent == 0) {
        wait(); // for resume, discard or sendBegun
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // the thread is to end
    } finally {
      waiting = false;
    }
    if (holding() || delivering) {
      return false;
    }
    delivering = true;
    return true;
  }

  /** Whether nothing more is to come for now. The monitor is held. */
  private boolean full() {
    return holding() && heldBytes >= ENOUGH_BYTES;
  }

  /** Runs it now or, during a pause, when that is over. */
  private void deliver(int bytes, Runnable delivery) {
    synchronized (this) {
      if (delivering || holding() || !held.isEmpty()) {
        held.add(new Held(bytes + HELD_OVERHEAD, delivery));
        heldBytes += bytes + HELD_OVERHEAD;
        return;
      }
    }
    delivery.run();
  }

  /** Asks now rather than when the dial is over: nothing may come unasked, see {@link Watch}. */
  @Override
  public void onOpen(WebSocket webSocket) {
    owner.attach(webSocket);
    webSocket.request(1);
  }

  @Override
  public CompletionStage<?> onBinary(WebSocket webSocket, ByteBuffer data, boolean last) {
    if (heard()) {
      if (!partial.add(data)) {
        tooBig();
      } else if (last) {
        ByteBuffer message = partial.take();
        deliver(message.remaining(), () -> calls.binary(message));
      }
    }
    return next();
  }

  @Override
  public CompletionStage<?> onText(WebSocket webSocket, CharSequence data, boolean last) {
    if (heard()) {
      if (!partial.add(data)) {
        tooBig();
      } else if (last) {
        ByteBuffer message = partial.takeText();
        if (message.remaining() > maxMessageBytes) {
          tooBig();
        } else {
          deliver(message.remaining(), () -> calls.text(message));
        }
      }
    }
    return next();
  }

  private void tooBig() {
    tooBig = true;
    partial.clear();
    String reason = "expected at most " + maxMessageBytes + " bytes in a message";
    deliver(0, () -> owner.fail(CloseCodes.TOO_BIG, reason));
  }

  /** The JDK answers it. */
  @Override
  public CompletionStage<?> onPing(WebSocket webSocket, ByteBuffer data) {
    heard();
    return next();
  }

  @Override
  public CompletionStage<?> onPong(WebSocket webSocket, ByteBuffer data) {
    heard();
    if (!owner.isProbe(data)) {
      ByteBuffer copy = ByteBuffer.allocate(data.remaining()).put(data).flip();
      deliver(copy.remaining(), () -> calls.pong(copy));
    }
    return next();
  }

  @Override
  public CompletionStage<?> onClose(WebSocket webSocket, int code, String reason) {
    heard();
    if (code > CloseCodes.LAST) {
      deliver(0, () -> owner.onError(new ProtocolException("no close code: " + code)));
    } else {
      deliver(0, () -> owner.onPeerClose(code, reason));
    }
    return null; // the JDK answers it now
  }

  @Override
  public void onError(WebSocket webSocket, Throwable error) {
    heard();
    deliver(0, () -> owner.onError(error));
  }
}
