package io.culvert.websocket.javawebsocket;

import io.culvert.websocket.ControlFrames;
import io.culvert.websocket.WebSocket;
import io.culvert.websocket.WebSocketListener;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import org.java_websocket.enums.Opcode;
import org.java_websocket.exceptions.InvalidDataException;
import org.java_websocket.exceptions.LimitExceededException;
import org.java_websocket.framing.CloseFrame;
import org.java_websocket.framing.Framedata;
import org.java_websocket.framing.PingFrame;
import org.java_websocket.framing.PongFrame;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** An upgraded socket. */
final class JavaWebSocket implements WebSocket, Wire.Phase {
  private static final Logger log = LoggerFactory.getLogger(JavaWebSocket.class);

  /** How long the peer may take to answer a close frame. */
  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(10);

  private final Wire wire;
  private final Codec codec;
  private final String subprotocol;
  private final WebSocketListener listener;
  private final int maxMessageBytes;

  /** Set by {@link #abort}: nothing received is delivered any more. */
  private volatile boolean aborted;

  /** Set by any thread; the loop looks before each message. */
  private volatile boolean paused;

  // All below: loop thread only.

  /** The code to report at the end, once it is known; 0 before. */
  private int endCode;

  private String endReason = "";
  private boolean finished;

  /** Decoded and not delivered yet: one read at most, because a paused wire does not read. */
  private final Queue<Framedata> decoded = new ArrayDeque<>();

  /** The fragments so far of a message; null between messages. */
  private ByteArrayOutputStream fragments;

  private Opcode fragmentsOpcode;

  JavaWebSocket(
      Wire wire, Codec codec, String subprotocol, WebSocketListener listener, int maxMessageBytes) {
    this.wire = wire;
    this.codec = codec;
    this.subprotocol = subprotocol;
    this.listener = listener;
    this.maxMessageBytes = maxMessageBytes;
  }

  /** Takes over the wire. Loop thread; once. */
  void open() {
    wire.phase(this);
    try {
      listener.onOpen(this);
    } catch (RuntimeException | Error e) {
      listenerFailed(e);
    }
  }

  @Override
  public void send(ByteBuffer message, Completion completion) {
    wire.outbound().send(codec.encodeMessage(false, message), completion);
  }

  @Override
  public void sendText(ByteBuffer message, Completion completion) {
    wire.outbound().send(codec.encodeMessage(true, message), completion);
  }

  @Override
  public void ping(ByteBuffer data) {
    ControlFrames.checkPing(data);
    wire.outbound().send(codec.encode(new PingFrame(), data), null);
  }

  @Override
  public void close(int code, String reason) {
    ControlFrames.checkClose(code, reason);
    if (wire.outbound().sendLast(codec.encodeClose(code, reason))) {
      wire.loop().execute(this::boundClose);
    }
  }

  private void boundClose() {
    wire.loop()
        .schedule(
            CLOSE_TIMEOUT,
            () ->
                wire.drop(
                    new IOException(
                        "no answer to the close frame within "
                            + CLOSE_TIMEOUT.toSeconds()
                            + " s")));
  }

  @Override
  public void abort() {
    aborted = true;
    wire.abort(new IOException("the WebSocket was aborted"));
  }

  @Override
  public String subprotocol() {
    return subprotocol;
  }

  @Override
  public SocketAddress remoteAddress() {
    return wire.remoteAddress();
  }

  @Override
  public SocketAddress localAddress() {
    return wire.localAddress();
  }

  @Override
  public boolean secure() {
    return wire.secure();
  }

  /** The library's codec; it has no connection object when its I/O is not used. */
  @Override
  public Object underlying() {
    return codec;
  }

  @Override
  public void onBytes(ByteBuffer bytes) {
    decoded.addAll(codec.decode(bytes));
    heed();
  }

  /** Delivers what is decoded, and ends the WebSocket if something is wrong with it. */
  private void heed() {
    try {
      onFrames();
    } catch (LimitExceededException e) {
      fail(CloseFrame.TOOBIG, tooBig());
    } catch (InvalidDataException e) {
      fail(e.getCloseCode(), e.getMessage() == null ? "invalid data" : e.getMessage());
    } catch (RuntimeException | Error e) {
      listenerFailed(e);
    }
  }

  private void onFrames() throws InvalidDataException {
    while (!decoded.isEmpty() && !paused) {
      if (endCode != 0 || aborted) {
        decoded.clear();
      } else {
        onFrame(decoded.remove());
      }
    }
    if (decoded.isEmpty() && endCode == 0 && !aborted) {
      codec.checkViolation();
    }
    wire.pause(paused);
  }

  @Override
  public void pause() {
    paused = true;
  }

  @Override
  public void resume() {
    paused = false;
    wire.loop().execute(this::heed);
  }

  private String tooBig() {
    return "expected at most " + maxMessageBytes + " bytes in a message";
  }

  private void listenerFailed(Throwable e) {
    log.error("a WebSocket listener failed, its WebSocket is closed", e);
    fail(CloseFrame.UNEXPECTED_CONDITION, "internal error");
  }

  private void onFrame(Framedata frame) throws InvalidDataException {
    switch (frame.getOpcode()) {
      case CLOSING -> onCloseFrame((CloseFrame) frame);
      case PING -> wire.outbound().sendPong(codec.encode(new PongFrame(), frame.getPayloadData()));
      case PONG -> listener.onPong(frame.getPayloadData());
      case CONTINUOUS -> onContinuation(frame);
      case BINARY, TEXT -> {
        Opcode kind = codec.kindOfNextMessage();
        if (fragments != null) {
          throw protocolError("a message began inside another");
        }
        if (frame.isFin()) {
          onMessage(kind, frame.getPayloadData());
        } else {
          fragments = new ByteArrayOutputStream();
          fragmentsOpcode = kind;
          addFragment(frame.getPayloadData());
        }
      }
    }
  }

  private void onContinuation(Framedata frame) throws InvalidDataException {
    if (fragments == null) {
      throw protocolError("a continuation without a message");
    }
    addFragment(frame.getPayloadData());
    if (frame.isFin()) {
      ByteBuffer message = ByteBuffer.wrap(fragments.toByteArray());
      fragments = null;
      onMessage(fragmentsOpcode, message);
    }
  }

  private void addFragment(ByteBuffer payload) throws InvalidDataException {
    if (fragments.size() + payload.remaining() > maxMessageBytes) {
      throw new LimitExceededException(maxMessageBytes);
    }
    fragments.write(
        payload.array(), payload.arrayOffset() + payload.position(), payload.remaining());
  }

  private void onMessage(Opcode kind, ByteBuffer message) throws InvalidDataException {
    if (message.remaining() > maxMessageBytes) {
      throw new LimitExceededException(maxMessageBytes);
    }
    if (kind == Opcode.TEXT) {
      listener.onText(message);
    } else {
      listener.onBinary(message);
    }
  }

  private static InvalidDataException protocolError(String message) {
    return new InvalidDataException(CloseFrame.PROTOCOL_ERROR, message);
  }

  private void onCloseFrame(CloseFrame frame) {
    end(codec.codeOf(frame), frame.getMessage());
    if (wire.outbound().sendLast(codec.encodeClose(endCode, ""))) {
      boundClose(); // what waits before it may wait for ever
    } else {
      // Ours went first. If it is still being written, the peer's close means it reads no more.
      finish(new IOException("the WebSocket is closed"));
    }
  }

  /** Closes because of what the peer sent or of our own failure; its answer is not awaited. */
  private void fail(int code, String reason) {
    if (endCode == 0) {
      end(code, reason);
      if (!wire.outbound().sendLast(codec.encodeClose(code, ControlFrames.shorten(reason)))) {
        finish(new IOException(reason));
      } else {
        boundClose();
      }
    }
  }

  private void end(int code, String reason) {
    endCode = code;
    endReason = reason == null ? "" : reason;
    fragments = null;
    wire.ignoreInput();
  }

  @Override
  public void onLastWritten() {
    if (endCode != 0) {
      finish(new IOException("the WebSocket is closed"));
    }
  }

  private void finish(IOException reason) {
    wire.linger(reason);
    closed(endCode, endReason);
  }

  @Override
  public void onEnd(IOException reason) {
    if (aborted) {
      closed(CloseFrame.ABNORMAL_CLOSE, "the WebSocket was aborted");
    } else if (endCode == 0) {
      // Some of the JDK's exceptions say what happened by their type alone.
      String why = reason.getMessage() == null ? reason.toString() : reason.getMessage();
      closed(CloseFrame.ABNORMAL_CLOSE, why);
    } else {
      closed(endCode, endReason);
    }
  }

  private void closed(int code, String reason) {
    if (finished) {
      return;
    }
    finished = true;
    try {
      listener.onClose(code, reason);
    } catch (RuntimeException | Error e) {
      log.error("a WebSocket listener failed in onClose", e);
    }
  }
}
