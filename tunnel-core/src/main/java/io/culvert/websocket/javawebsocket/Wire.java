package io.culvert.websocket.javawebsocket;

import java.io.EOFException;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import javax.net.ssl.SSLEngine;

/**
 * One connected socket in a loop: gives what it reads to its current phase, and tells it once when
 * the socket has ended.
 */
final class Wire implements IoLoop.Handler, Outbound.Owner {

  /** How long a socket is read on, unheeded, so that our last bytes are not lost in a reset. */
  private static final Duration LINGER = Duration.ofSeconds(2);

  /** The protocol spoken now: first the upgrade, then WebSocket. Called on the loop thread. */
  interface Phase {
    /** May leave nothing unread; the buffer is reused after the call. */
    void onBytes(ByteBuffer bytes);

    /** The last frame was written. */
    void onLastWritten();

    /** The socket has ended; the last call. */
    void onEnd(IOException reason);
  }

  private final IoLoop loop;
  private final SocketChannel channel;
  private final SocketAddress remoteAddress;
  private final SocketAddress localAddress;
  private final Runnable afterClose;
  private final Outbound outbound = new Outbound(this);

  // Set once by start(), before any other thread knows the wire.
  private Pipe pipe;
  private SelectionKey key;

  // Loop thread only.
  private Phase phase;
  private boolean ended;

  private boolean ignoringInput;
  private boolean lingering;
  private boolean inputEnded;
  private boolean paused;

  /**
   * @param afterClose runs on the loop thread when the socket is closed
   */
  Wire(IoLoop loop, SocketChannel channel, Runnable afterClose) throws IOException {
    this.loop = loop;
    this.channel = channel;
    this.afterClose = afterClose;
    this.remoteAddress = channel.getRemoteAddress();
    this.localAddress = channel.getLocalAddress();
    channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
  }

  /** Starts to read, and TLS if an engine is given. Loop thread; once. */
  void start(SSLEngine engine, Phase first) throws IOException {
    phase = first;
    channel.configureBlocking(false);
    pipe = engine == null ? new PlainPipe(channel) : new TlsPipe(channel, engine, outbound.lock());
    key = loop.register(channel, SelectionKey.OP_READ, this);
    outbound.start(pipe);
  }

  void phase(Phase next) {
    phase = next;
  }

  IoLoop loop() {
    return loop;
  }

  Outbound outbound() {
    return outbound;
  }

  SocketAddress remoteAddress() {
    return remoteAddress;
  }

  SocketAddress localAddress() {
    return localAddress;
  }

  boolean secure() {
    return pipe.secure();
  }

  @Override
  public void onReady(SelectionKey ready) {
    // A handshake that waited for room to write stopped reading what may have arrived already.
    boolean handshaking = pipe.handshaking();
    if (ready.isWritable()) {
      outbound.flush();
    }
    if (!ended && (handshaking || ready.isReadable())) {
      read();
    }
  }

  private void read() {
    try {
      do {
        ByteBuffer buffer = loop.readBuffer();
        int count = pipe.read(buffer);
        if (count < 0) {
          endOfInput();
        } else if (count > 0 && !ignoringInput) {
          phase.onBytes(buffer.flip());
        }
        // What was read may have been what TLS waited for to write on.
        if (!ended) {
          outbound.flush();
        }
      } while (!ended && !inputEnded && !paused && pipe.buffered());
    } catch (IOException e) {
      drop(e);
    }
  }

  /**
   * A peer that is being answered may have closed its half already: Jetty's server does, right
   * after its close frame. It reads on until our last frame has come.
   */
  private void endOfInput() {
    if (ignoringInput && !lingering) {
      inputEnded = true;
      interest(SelectionKey.OP_READ, false);
    } else {
      drop(new EOFException("the peer closed the socket"));
    }
  }

  /** Ends the socket now. Loop thread; idempotent. */
  void drop(IOException reason) {
    if (ended) {
      return;
    }
    ended = true;
    outbound.end(reason);
    closeSocket();
    try {
      phase.onEnd(reason);
    } finally {
      afterClose.run();
    }
  }

  /** Ends the socket now, from any thread; the phase hears of it later, on the loop thread. */
  void abort(IOException reason) {
    outbound.end(reason);
    closeSocket();
    loop.execute(() -> drop(reason));
  }

  /** Says goodbye after the last frame, and closes when the peer does, or soon. Loop thread. */
  void linger(IOException reason) {
    if (!ended && !lingering) {
      lingering = true;
      ignoringInput = true;
      outbound.shutdown();
      outbound.end(reason);
      if (inputEnded) {
        drop(reason);
      } else {
        loop.schedule(LINGER, () -> drop(reason));
      }
    }
  }

  /** Throws away all further input. Loop thread. */
  void ignoreInput() {
    ignoringInput = true;
    pause(false);
  }

  /** Stops or goes on reading. Loop thread. */
  void pause(boolean wanted) {
    if (ended || wanted == paused) {
      return;
    }
    paused = wanted;
    interest(SelectionKey.OP_READ, !wanted);
    if (!wanted) {
      // The selector knows nothing of what TLS has decrypted already.
      loop.execute(this::readBuffered);
    }
  }

  private void readBuffered() {
    if (!ended && !paused && pipe.buffered()) {
      read();
    }
  }

  private void closeSocket() {
    try {
      channel.close();
    } catch (IOException e) {
      // Closed is what it should be.
    }
  }

  @Override
  public void onLoopEnd() {
    drop(new IOException("the acceptor was closed"));
  }

  @Override
  public void wantWritable(boolean wanted) {
    interest(SelectionKey.OP_WRITE, wanted);
    loop.wakeup();
  }

  private void interest(int operation, boolean wanted) {
    try {
      if (wanted) {
        key.interestOpsOr(operation);
      } else {
        key.interestOpsAnd(~operation);
      }
    } catch (CancelledKeyException e) {
      // The socket was closed; its end is on its way to the loop.
    }
  }

  @Override
  public void onLastWritten() {
    loop.execute(() -> phase.onLastWritten());
  }

  @Override
  public void onBroken(IOException reason) {
    abort(reason);
  }
}
