package io.culvert.websocket.javawebsocket;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.util.concurrent.locks.Lock;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;

/**
 * TLS over the socket. An {@link SSLEngine} may unwrap on one thread while it wraps on another, so
 * reading stays on the loop thread and wrapping happens under the outbound lock; a read that must
 * answer (handshake, key update) takes that lock for it.
 */
final class TlsPipe implements Pipe {
  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

  /** Records that go to the socket with one system call. */
  private static final int RECORDS_PER_WRITE = 4;

  private final SocketChannel channel;
  private final SSLEngine engine;
  private final Lock outboundLock;

  /** Received records, in filling mode; loop thread only. */
  private ByteBuffer received;

  /** Whether {@link #received} may hold a whole record; loop thread only. */
  private boolean buffered;

  /** Records for the socket, in draining mode; guarded by {@link #outboundLock}. */
  private ByteBuffer records;

  TlsPipe(SocketChannel channel, SSLEngine engine, Lock outboundLock) throws IOException {
    this.channel = channel;
    this.engine = engine;
    this.outboundLock = outboundLock;
    int record = engine.getSession().getPacketBufferSize();
    received = ByteBuffer.allocate(RECORDS_PER_WRITE * record);
    records = ByteBuffer.allocate(RECORDS_PER_WRITE * record).flip();
    engine.beginHandshake();
  }

  @Override
  public int read(ByteBuffer destination) throws IOException {
    int start = destination.position();
    buffered = false;
    while (true) {
      SSLEngineResult result = unwrap(destination);
      boolean progress = result.bytesConsumed() > 0 || result.bytesProduced() > 0;
      switch (result.getStatus()) {
        case OK -> {
          boolean more = continueHandshake() || progress;
          if (!more || (destination.position() > start && received.position() == 0)) {
            return destination.position() - start;
          }
        }
        case BUFFER_OVERFLOW -> {
          if (destination.position() == start) {
            throw new IOException("a TLS record is larger than the read buffer");
          }
          buffered = true;
          return destination.position() - start;
        }
        case BUFFER_UNDERFLOW -> {
          ensureRoom();
          int read = channel.read(received);
          if (read <= 0) {
            int produced = destination.position() - start;
            return produced > 0 ? produced : read;
          }
        }
        case CLOSED -> {
          int produced = destination.position() - start;
          return produced > 0 ? produced : -1;
        }
      }
    }
  }

  private SSLEngineResult unwrap(ByteBuffer destination) throws IOException {
    received.flip();
    try {
      return engine.unwrap(received, destination);
    } catch (SSLException e) {
      outboundLock.lock();
      try {
        flush(); // the alert that tells the peer why
      } finally {
        outboundLock.unlock();
      }
      throw e;
    } finally {
      received.compact();
    }
  }

  private void ensureRoom() {
    int record = engine.getSession().getPacketBufferSize();
    if (received.remaining() < record) {
      received = ByteBuffer.allocate(received.capacity() + record).put(received.flip());
    }
  }

  /** Does what the handshake asks of this side; false when it waits for the peer or is over. */
  private boolean continueHandshake() throws IOException {
    HandshakeStatus status = engine.getHandshakeStatus();
    if (status == HandshakeStatus.NEED_TASK) {
      runTasks();
      status = engine.getHandshakeStatus();
    }
    if (status == HandshakeStatus.NEED_WRAP) {
      outboundLock.lock();
      try {
        flush();
      } finally {
        outboundLock.unlock();
      }
      return engine.getHandshakeStatus() != HandshakeStatus.NEED_WRAP;
    }
    return status == HandshakeStatus.NEED_UNWRAP;
  }

  private void runTasks() {
    for (Runnable task = engine.getDelegatedTask();
        task != null;
        task = engine.getDelegatedTask()) {
      task.run();
    }
  }

  @Override
  public boolean buffered() {
    return buffered;
  }

  @Override
  public boolean write(ByteBuffer source) throws IOException {
    if (!flush()) {
      return false;
    }
    while (source.hasRemaining()) {
      Status status = wrap(source);
      if (status == Status.CLOSED) {
        throw new ClosedChannelException();
      }
      boolean full = status == Status.BUFFER_OVERFLOW;
      if ((full || !source.hasRemaining()) && !drain()) {
        return false;
      }
      if (!full && handshaking()) {
        return flush() && !source.hasRemaining();
      }
    }
    return true;
  }

  @Override
  public boolean flush() throws IOException {
    if (!drain()) {
      return false;
    }
    while (engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP) {
      Status status = wrap(NOTHING.duplicate());
      if (!drain() || status == Status.CLOSED) {
        break;
      }
    }
    return !records.hasRemaining() && !handshaking();
  }

  /** Appends one or more records to {@link #records}. */
  private Status wrap(ByteBuffer source) throws IOException {
    records.compact();
    try {
      SSLEngineResult result = engine.wrap(source, records);
      if (result.getStatus() == Status.BUFFER_OVERFLOW && records.position() == 0) {
        records = ByteBuffer.allocate(engine.getSession().getPacketBufferSize() * 2);
      }
      return result.getStatus();
    } finally {
      records.flip();
    }
  }

  private boolean drain() throws IOException {
    while (records.hasRemaining()) {
      if (channel.write(records) == 0) {
        return false;
      }
    }
    return true;
  }

  @Override
  public boolean blocked() {
    return records.hasRemaining();
  }

  @Override
  public boolean handshaking() {
    HandshakeStatus status = engine.getHandshakeStatus();
    return status != HandshakeStatus.NOT_HANDSHAKING && status != HandshakeStatus.FINISHED;
  }

  @Override
  public void shutdownOutput() throws IOException {
    engine.closeOutbound();
    flush();
    channel.shutdownOutput();
  }

  @Override
  public boolean secure() {
    return true;
  }
}
