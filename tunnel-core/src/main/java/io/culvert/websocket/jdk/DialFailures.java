package io.culvert.websocket.jdk;

import io.culvert.websocket.DialRequest;
import io.culvert.websocket.UpgradeException;
import java.io.EOFException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.ProtocolException;
import java.net.Proxy;
import java.net.SocketTimeoutException;
import java.net.http.HttpHeaders;
import java.net.http.HttpTimeoutException;
import java.net.http.WebSocketHandshakeException;
import java.nio.channels.UnresolvedAddressException;
import java.security.cert.CertificateException;
import java.util.List;
import java.util.concurrent.CompletionException;
import javax.net.ssl.SSLException;

/** What to say when a dial has failed; quotes neither the request's secrets nor the peer. */
final class DialFailures {
  private final DialRequest request;

  DialFailures(DialRequest request) {
    this.request = request;
  }

  private String target() {
    return request.uri().getHost() + ":" + JdkWebSocket.port(request);
  }

  private boolean proxied() {
    return request.proxy().type() != Proxy.Type.DIRECT;
  }

  SocketTimeoutException timeout() {
    return new SocketTimeoutException(
        "not connected to " + target() + " within " + request.timeout().toMillis() + " ms");
  }

  /** Null if it is the right one; the JDK accepts an answer without a subprotocol. */
  UpgradeException wrongSubprotocol(java.net.http.WebSocket opened) {
    return request.subprotocol() != null && opened.getSubprotocol().isEmpty()
        ? wrong101("it chose no subprotocol, expected " + request.subprotocol())
        : null;
  }

  private static UpgradeException wrong101(String what) {
    return new UpgradeException(101, "the peer answered 101, but " + what);
  }

  /** The port's exception for the JDK's. */
  IOException of(Throwable thrown) {
    Throwable failure = thrown;
    while (failure instanceof CompletionException && failure.getCause() != null) {
      failure = failure.getCause();
    }
    if (failure instanceof UpgradeException known) {
      return known;
    }
    if (failure instanceof WebSocketHandshakeException refused) {
      return refusal(refused);
    }
    if (failure instanceof HttpTimeoutException) {
      return timeout();
    }
    if (failure instanceof SSLException tls) {
      return tls(tls);
    }
    if (failure instanceof ProtocolException) {
      return new UpgradeException(
          0,
          "expected an HTTP/1.1 answer to the WebSocket upgrade, but "
              + target()
              + " answered something else; does it speak TLS, or no HTTP at all?");
    }
    return broken(failure);
  }

  private IOException refusal(WebSocketHandshakeException refused) {
    int status = refused.getResponse().statusCode();
    if (status == 101) {
      return wrong101(whyWrong(refused.getResponse().headers()));
    }
    if (status == 407 && proxied()) {
      return new IOException(
          "expected 200 from the proxy for CONNECT, but got 407; give it a proxy authorization"
              + " that it accepts");
    }
    return new UpgradeException(
        status,
        "expected 101 Switching Protocols, but " + target() + " answered " + status + hint(status));
  }

  private String whyWrong(HttpHeaders answer) {
    List<String> chosen = answer.allValues("Sec-WebSocket-Protocol");
    String offered = request.subprotocol();
    if (!chosen.isEmpty() && !chosen.equals(offered == null ? List.of() : List.of(offered))) {
      return "it chose another subprotocol than "
          + (offered == null ? "none" : offered)
          + "; is it the right endpoint?";
    }
    return answer.firstValue("Sec-WebSocket-Extensions").isPresent()
        ? "it uses an extension that was not offered"
        : "its Upgrade, Connection or Sec-WebSocket-Accept header is not the one expected";
  }

  private static String hint(int status) {
    if (status / 100 == 3) {
      return "; redirects are not followed, dial the final URL";
    }
    return switch (status) {
      case 401, 403 -> "; check the credentials in the request's headers";
      case 404 -> "; check the URL's path";
      case 200, 204, 405, 501 -> "; what answers at this URL takes no WebSocket there";
      default -> "";
    };
  }

  private SSLException tls(SSLException failure) {
    String hint =
        failure.getCause() instanceof CertificateException
            ? "; check which authorities this side trusts, and the host name in the URL"
            : "; check that the server speaks TLS at this port";
    return new SSLException(
        "TLS with " + target() + " failed: " + failure.getMessage() + hint, failure);
  }

  private IOException broken(Throwable failure) {
    if (failure instanceof ConnectException) {
      // The JDK's has often no message.
      String why =
          failure.getMessage() != null
              ? failure.getMessage()
              : causedBy(failure, UnresolvedAddressException.class)
                  ? "the host is not known"
                  : "refused or unreachable";
      return new IOException(
          "cannot connect to " + (proxied() ? "the proxy " + proxy() : target()) + ": " + why,
          failure);
    }
    if (causedBy(failure, EOFException.class)) {
      EOFException end =
          new EOFException(
              (proxied() ? target() + " or the proxy" : target())
                  + " closed the socket before it answered the upgrade");
      end.initCause(failure);
      return end;
    }
    String why = failure.getMessage() == null ? failure.toString() : failure.getMessage();
    return new IOException("the dial of " + target() + " failed: " + why, failure);
  }

  private String proxy() {
    java.net.InetSocketAddress address = (java.net.InetSocketAddress) request.proxy().address();
    return address.getHostString() + ":" + address.getPort();
  }

  private static boolean causedBy(Throwable failure, Class<? extends Throwable> type) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (type.isInstance(cause)) {
        return true;
      }
    }
    return false;
  }
}
