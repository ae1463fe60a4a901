package io.culvert.relay;

import com.google.gson.JsonObject;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.IteratingCallback;

/**
 * Tells one agent of its requests, a line of JSON each, for as long as it listens. Nobody waits for
 * it: when it is {@link #BACKLOG} lines behind it misses some. Thread-safe.
 */
final class RequestFeed extends IteratingCallback {
  /** Lines that wait for one reader. */
  static final int BACKLOG = 1_000;

  /** Lines that are written at once. */
  private static final int BATCH = 64;

  /** A longer path is cut, so that lines have a bound. */
  private static final int MAX_PATH = 2_048;

  private final Response response;
  private final Callback callback;

  // Guarded by this.
  private final ArrayDeque<String> lines = new ArrayDeque<>();
  private long missed;
  private boolean begun;
  private boolean over;

  /**
   * @param callback is completed when the feed is over
   */
  RequestFeed(Response response, Callback callback) {
    this.response = response;
    this.callback = callback;
  }

  /** Adds a line, unless the reader is too far behind. */
  void add(RequestRecord request) {
    synchronized (this) {
      if (over) {
        return;
      }
      if (lines.size() >= BACKLOG) {
        missed++;
        return;
      }
      lines.add(line(request, missed));
      missed = 0;
    }
    iterate();
  }

  /** Writes what is left and then the end. */
  void end() {
    synchronized (this) {
      over = true;
    }
    iterate();
  }

  static String line(RequestRecord request, long missed) {
    JsonObject json = new JsonObject();
    json.addProperty("id", request.id());
    json.addProperty("time", request.time().toString());
    json.addProperty("method", request.method());
    String path = request.path();
    json.addProperty("path", path.length() > MAX_PATH ? path.substring(0, MAX_PATH) : path);
    json.addProperty("status", request.status());
    json.addProperty("millis", request.duration().toMillis());
    json.addProperty("received", request.received());
    json.addProperty("sent", request.sent());
    json.addProperty("remote", request.remote());
    if (missed > 0) {
      json.addProperty("missed", missed);
    }
    return json + "\n";
  }

  @Override
  protected Action process() {
    ByteBuffer next;
    synchronized (this) {
      if (begun && lines.isEmpty()) {
        return over ? Action.SUCCEEDED : Action.IDLE;
      }
      next = batch(); // empty at first: the head alone tells that the feed has begun
      begun = true;
    }
    response.write(false, next, this);
    return Action.SCHEDULED;
  }

  /** Lock held. */
  private ByteBuffer batch() {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < BATCH && !lines.isEmpty(); i++) {
      text.append(lines.remove());
    }
    return ByteBuffer.wrap(text.toString().getBytes(StandardCharsets.UTF_8));
  }

  @Override
  protected void onCompleteSuccess() {
    response.write(true, BufferUtil.EMPTY_BUFFER, callback);
  }

  @Override
  protected void onCompleteFailure(Throwable cause) {
    synchronized (this) {
      over = true;
      lines.clear();
    }
    callback.failed(cause);
  }
}
