package io.culvert.websocket.okhttp;

import io.culvert.websocket.DialRequest;
import io.culvert.websocket.UpgradeException;
import java.io.Closeable;
import java.io.IOException;
import java.net.Socket;
import java.util.List;
import java.util.function.UnaryOperator;
import okhttp3.Call;
import okhttp3.Connection;
import okhttp3.EventListener;
import okhttp3.Interceptor;
import okhttp3.Request;
import okhttp3.Response;

/**
 * Sees one dial's upgrade as it goes out and its answer as it comes: takes the compression out of
 * the offer, refuses an answer that OkHttp would take, and puts itself between OkHttp and the
 * socket. To be the last of the application's interceptors; OkHttp calls no network interceptors
 * for a WebSocket.
 */
final class UpgradeInterceptor implements Interceptor {
  static final String PROTOCOL = "Sec-WebSocket-Protocol";
  static final String EXTENSIONS = "Sec-WebSocket-Extensions";

  private static final int SWITCHING_PROTOCOLS = 101;

  private final DialRequest request;
  private final UnaryOperator<okio.Socket> between;

  /** The latest socket that was connected; null before. */
  private volatile Socket socket;

  /**
   * @param between makes of the upgraded socket what OkHttp is to use instead
   */
  UpgradeInterceptor(DialRequest request, UnaryOperator<okio.Socket> between) {
    this.request = request;
    this.between = between;
  }

  /** Null if none has been connected. */
  Socket socket() {
    return socket;
  }

  @Override
  public Response intercept(Chain chain) throws IOException {
    chain.call().addEventListener(new Connected());
    // What is not offered cannot be accepted: OkHttp always wants to compress.
    Request asked = chain.request().newBuilder().removeHeader(EXTENSIONS).build();
    Response answer = chain.proceed(asked);
    okio.Socket upgraded = answer.socket();
    if (answer.code() != SWITCHING_PROTOCOLS || upgraded == null) {
      return answer;
    }
    try {
      String wrong = whyWrong(answer);
      if (wrong != null) {
        throw new UpgradeException(SWITCHING_PROTOCOLS, "the peer answered 101, but " + wrong);
      }
      socket.setTcpNoDelay(true);
    } catch (IOException e) {
      drop(upgraded);
      throw e;
    }
    return answer.newBuilder().socket(between.apply(upgraded)).build();
  }

  /** Null if nothing is. OkHttp checks the rest, the key among it. */
  private String whyWrong(Response answer) {
    String offered = request.subprotocol();
    List<String> chosen = answer.headers(PROTOCOL);
    if (!chosen.equals(offered == null ? List.of() : List.of(offered))) {
      return chosen.isEmpty()
          ? "it chose no subprotocol, expected " + offered
          : "it chose another subprotocol than "
              + (offered == null ? "none" : offered)
              + "; is it the right endpoint?";
    }
    return answer.headers(EXTENSIONS).isEmpty()
        ? null
        : "it uses an extension that was not offered";
  }

  /** Ends OkHttp's call, too, which lasts until both streams are closed. */
  private static void drop(okio.Socket socket) {
    socket.cancel();
    close(socket.getSink());
    close(socket.getSource());
  }

  private static void close(Closeable stream) {
    try {
      stream.close();
    } catch (IOException e) {
      // Closed is what it should be.
    }
  }

  /** Remembers the socket: neither a response nor an application's interceptor has it. */
  private final class Connected extends EventListener {
    @Override
    public void connectionAcquired(Call call, Connection connection) {
      socket = connection.socket();
    }
  }
}
