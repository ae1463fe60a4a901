package io.culvert.testkit;

import io.culvert.websocket.ControlFrames;
import io.culvert.websocket.WebSocket;
import io.culvert.websocket.WebSocketListener;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Executor;

/** One end of a WebSocket in memory; see {@link MemoryWebSockets}. Thread-safe. */
public final class MemoryWebSocket implements WebSocket {

  /** What is on its way to this end. */
  private sealed interface Event {
    record Message(boolean text, ByteBuffer bytes) implements Event {}

    record Ping(ByteBuffer data) implements Event {}

    record Pong(ByteBuffer data) implements Event {}

    record Close(int code, String reason) implements Event {}

    record Lost(String reason) implements Event {}
  }

  private record Outcome(Completion completion, Throwable failure) {}

  private final Object lock;
  private final Executor executor;
  private final WebSocketListener listener;
  private final int maxMessageBytes;
  private final String subprotocol;
  private final SocketAddress localAddress;
  private final SocketAddress remoteAddress;

  // All below is guarded by the lock, which both ends share. Nothing is called while it is held.
  private final Queue<Event> inbox = new ArrayDeque<>();
  private final Queue<Completion> held = new ArrayDeque<>();
  private final Queue<Outcome> outcomes = new ArrayDeque<>();
  private MemoryWebSocket peer;
  private boolean holdsCompletions;
  private boolean runsOutcomes;

  /** True while a callback runs, or is about to. */
  private boolean delivering = true;

  private boolean closeSent;
  private boolean paused;

  /** Why nothing can be sent any more; null while it can. */
  private String ended;

  private boolean finished;

  MemoryWebSocket(
      Object lock,
      Executor executor,
      WebSocketListener listener,
      int maxMessageBytes,
      String subprotocol,
      SocketAddress localAddress,
      SocketAddress remoteAddress) {
    this.lock = lock;
    this.executor = executor;
    this.listener = listener;
    this.maxMessageBytes = maxMessageBytes;
    this.subprotocol = subprotocol;
    this.localAddress = localAddress;
    this.remoteAddress = remoteAddress;
    this.holdsCompletions = executor == null;
  }

  /** Opens both; the acceptor hears of it first, as over a network. */
  static void join(MemoryWebSocket dialer, MemoryWebSocket acceptor) {
    synchronized (dialer.lock) {
      dialer.peer = acceptor;
      acceptor.peer = dialer;
    }
    for (MemoryWebSocket end : new MemoryWebSocket[] {acceptor, dialer}) {
      end.guarded(() -> end.listener.onOpen(end));
      synchronized (end.lock) {
        end.delivering = false;
      }
      end.schedule();
    }
  }

  /**
   * Gives the next thing that is on its way to this end to its listener: a message, a pong, the
   * end. Manual mode only.
   *
   * @return false if nothing was on its way, or this end is paused
   */
  public boolean deliver() {
    if (executor != null) {
      throw new IllegalStateException("the executor delivers");
    }
    synchronized (lock) {
      if (delivering) {
        throw new IllegalStateException("a callback of this end is running");
      }
    }
    try {
      return step();
    } finally {
      synchronized (lock) {
        delivering = false;
      }
    }
  }

  /** How many things are on their way to this end. */
  public int undelivered() {
    synchronized (lock) {
      return inbox.size();
    }
  }

  /** Whether completions of this end wait for {@link #complete}; true at first in manual mode. */
  public void holdCompletions(boolean hold) {
    synchronized (lock) {
      holdsCompletions = hold;
      while (!hold && !held.isEmpty()) {
        outcomes.add(new Outcome(held.poll(), null));
      }
    }
    runOutcomes();
  }

  /**
   * Runs the oldest held completion of this end: the message is written.
   *
   * @return false if none was held
   */
  public boolean complete() {
    synchronized (lock) {
      Completion oldest = held.poll();
      if (oldest == null) {
        return false;
      }
      outcomes.add(new Outcome(oldest, null));
    }
    runOutcomes();
    return true;
  }

  /** How many completions of this end are held. */
  public int uncompleted() {
    synchronized (lock) {
      return held.size();
    }
  }

  @Override
  public void send(ByteBuffer message, Completion completion) {
    send(new Event.Message(false, copy(message)), completion);
  }

  @Override
  public void sendText(ByteBuffer message, Completion completion) {
    send(new Event.Message(true, copy(message)), completion);
  }

  private void send(Event message, Completion completion) {
    synchronized (lock) {
      if (ended != null || closeSent) {
        String why = ended != null ? ended : "the WebSocket is closing";
        outcomes.add(new Outcome(completion, new IOException(why)));
      } else {
        peer.inbox.add(message);
        if (holdsCompletions) {
          held.add(completion);
        } else {
          outcomes.add(new Outcome(completion, null));
        }
      }
    }
    peer.schedule();
    runOutcomes();
  }

  private static ByteBuffer copy(ByteBuffer bytes) {
    return ByteBuffer.allocate(bytes.remaining()).put(bytes.duplicate()).flip();
  }

  @Override
  public void ping(ByteBuffer data) {
    ControlFrames.checkPing(data);
    tellPeer(new Event.Ping(copy(data)), false);
  }

  @Override
  public void close(int code, String reason) {
    ControlFrames.checkClose(code, reason);
    tellPeer(new Event.Close(code, reason), true);
  }

  @Override
  public void pause() {
    synchronized (lock) {
      paused = true;
    }
  }

  @Override
  public void resume() {
    synchronized (lock) {
      paused = false;
    }
    schedule();
  }

  private void tellPeer(Event event, boolean last) {
    synchronized (lock) {
      if (ended == null && !closeSent) {
        peer.inbox.add(event);
        closeSent = last;
      }
    }
    peer.schedule();
  }

  @Override
  public void abort() {
    synchronized (lock) {
      if (ended == null) {
        end("the WebSocket was aborted");
        inbox.clear();
        inbox.add(new Event.Lost(ended));
        peer.inbox.add(new Event.Lost("the peer dropped the socket"));
      }
    }
    schedule();
    peer.schedule();
    runOutcomes();
  }

  /** Called under the lock. */
  private void end(String why) {
    if (ended == null) {
      ended = why;
      while (!held.isEmpty()) {
        outcomes.add(new Outcome(held.poll(), new IOException(why)));
      }
    }
  }

  private void schedule() {
    synchronized (lock) {
      if (executor == null || delivering || nextEvent() == null) {
        return;
      }
      delivering = true;
    }
    executor.execute(this::deliverAll);
  }

  private void deliverAll() {
    boolean more = true;
    while (more) {
      more = step();
    }
  }

  private boolean step() {
    Event event = take();
    if (event != null) {
      guarded(() -> handle(event));
    }
    return event != null;
  }

  /** Ends the WebSocket if its listener throws; in manual mode the test hears of it too. */
  private void guarded(Runnable callback) {
    try {
      callback.run();
    } catch (RuntimeException | Error e) {
      tellPeer(new Event.Close(1011, "internal error"), true);
      finish(1011, "internal error");
      if (executor == null) {
        throw e;
      }
    }
  }

  /** The event to deliver now, in the callback that begins with it; null if none is due. */
  private Event take() {
    synchronized (lock) {
      Event event = nextEvent();
      delivering = event != null;
      if (delivering) {
        inbox.remove();
      }
      return event;
    }
  }

  /** Called under the lock: what is due. While paused nothing is, except the end by abort. */
  private Event nextEvent() {
    Event head = inbox.peek();
    return paused && !(head instanceof Event.Lost) ? null : head;
  }

  private void handle(Event event) {
    synchronized (lock) {
      if (finished || (ended != null && !(event instanceof Event.Lost))) {
        return;
      }
    }
    if (event instanceof Event.Message message) {
      if (message.bytes().remaining() <= maxMessageBytes) {
        onMessage(message);
      } else {
        String reason = "expected at most " + maxMessageBytes + " bytes in a message";
        tellPeer(new Event.Close(1009, reason), true);
        finish(1009, reason);
      }
    } else if (event instanceof Event.Ping ping) {
      tellPeer(new Event.Pong(ping.data()), false);
    } else if (event instanceof Event.Pong pong) {
      listener.onPong(pong.data());
    } else if (event instanceof Event.Close close) {
      tellPeer(new Event.Close(close.code(), ""), true);
      finish(close.code(), close.reason());
    } else if (event instanceof Event.Lost lost) {
      finish(1006, lost.reason());
    }
  }

  private void onMessage(Event.Message message) {
    if (message.text()) {
      listener.onText(message.bytes());
    } else {
      listener.onBinary(message.bytes());
    }
  }

  private void finish(int code, String reason) {
    synchronized (lock) {
      if (finished) {
        return;
      }
      finished = true;
      end("the WebSocket is closed");
      inbox.clear();
    }
    runOutcomes();
    listener.onClose(code, reason);
  }

  /** One completion at a time, in order; one that sends again does not grow the stack. */
  private void runOutcomes() {
    synchronized (lock) {
      if (runsOutcomes) {
        return;
      }
      runsOutcomes = true;
    }
    while (true) {
      Outcome outcome;
      synchronized (lock) {
        outcome = outcomes.poll();
        if (outcome == null) {
          runsOutcomes = false;
          return;
        }
      }
      outcome.completion().written(outcome.failure());
    }
  }

  @Override
  public String subprotocol() {
    return subprotocol;
  }

  @Override
  public SocketAddress remoteAddress() {
    return remoteAddress;
  }

  @Override
  public SocketAddress localAddress() {
    return localAddress;
  }

  @Override
  public boolean secure() {
    return false;
  }

  @Override
  public Object underlying() {
    return null;
  }
}
