package io.culvert.connection;

import io.culvert.engine.Engine;
import io.culvert.engine.EngineEnd;
import io.culvert.websocket.WebSocket;
import java.nio.ByteBuffer;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries packets from the engine to the WebSocket, one thread at a time. A lone writer pumps its
 * own bytes; writers that come meanwhile leave theirs to the thread that pumps, which batches them.
 */
final class Pump {
  /** After so many packets the pumping thread gets its time back and a worker goes on. */
  private static final int HAND_OVER = 32;

  private static final Logger LOG = LoggerFactory.getLogger(Pump.class);

  private enum State {
    IDLE,
    PUMPING,
    /** Somebody asked for more while a thread was pumping: it looks once more. */
    PUMPING_AGAIN
  }

  private final ConnectionDriver driver;
  private final AtomicReference<State> state = new AtomicReference<>(State.IDLE);

  /** Guarded by the connection's lock: the last packet is out and the socket was told to end. */
  private boolean finished;

  Pump(ConnectionDriver driver) {
    this.driver = driver;
  }

  /** Sends what is due, on this thread, unless another one is at it. */
  void run() {
    if (claim()) {
      loop();
    }
  }

  /** Sends what is due, on a worker. */
  void schedule() {
    if (claim()) {
      handOver();
    }
  }

  /** Lock held: whether the connection's end has been carried out. */
  boolean finished() {
    return finished;
  }

  private boolean claim() {
    State before = state.getAndUpdate(s -> s == State.IDLE ? State.PUMPING : State.PUMPING_AGAIN);
    return before == State.IDLE;
  }

  private void handOver() {
    try {
      driver.runtime().executor().execute(this::loop);
    } catch (RejectedExecutionException e) {
      loop(); // the runtime is closing: what is left goes out on this thread
    } catch (Error e) {
      failed(e);
    }
  }

  private void loop() {
    try {
      sendWhatIsDue();
    } catch (RuntimeException | Error e) {
      failed(e);
    }
  }

  /**
   * A packet may have been lost, and nobody pumps any more: without its end the connection would
   * hang.
   */
  private void failed(Throwable failure) {
    LOG.error("Sending has failed, the connection is aborted", failure);
    state.set(State.IDLE);
    driver.abort("sending has failed: " + failure);
  }

  private void sendWhatIsDue() {
    for (int packets = 0; packets < HAND_OVER; packets++) {
      if (!sendOne()) {
        if (state.compareAndSet(State.PUMPING, State.IDLE)) {
          return;
        }
        state.set(State.PUMPING);
      }
    }
    handOver();
  }

  private boolean sendOne() {
    WebSocket socket = null;
    int number = 0;
    ByteBuffer packet = null;
    EngineEnd ended = null;
    driver.lock().lock();
    try {
      Engine engine = driver.engine();
      socket = driver.slot().open();
      if (engine == null || finished) {
        return false;
      }
      number = engine.socket();
      packet = socket == null ? null : engine.poll(driver.runtime().now());
      if (packet == null && engine.end() != null) {
        finished = true;
        ended = engine.end();
      }
    } finally {
      // Wakes writers whose buffers got room; asking this pump again is harmless.
      driver.leave(true);
    }
    if (packet != null) {
      send(socket, number, packet);
      return true;
    }
    if (ended != null && socket != null) {
      driver.finishSocket(socket, ended);
    }
    return false;
  }

  private void send(WebSocket socket, int number, ByteBuffer packet) {
    int size = packet.remaining();
    socket.send(
        packet,
        failure -> {
          // A failure needs no care of its own: the WebSocket's end is reported as well.
          if (failure == null) {
            written(number, size);
          }
        });
  }

  private void written(int number, int size) {
    driver.lock().lock();
    try {
      driver.engine().written(number, size);
    } finally {
      driver.leave(true);
    }
  }
}
