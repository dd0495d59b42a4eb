//! The edge of the server as it is seen on the wire: what it says about calls that it cannot serve, how it ends, and who
//! it lets in.

#[cfg(test)]
mod bounded;
#[cfg(test)]
mod compressed;
#[cfg(test)]
mod draining;
#[cfg(test)]
mod large_history;
#[cfg(test)]
mod largest;
#[cfg(test)]
mod late;
#[cfg(test)]
mod left_behind;
#[cfg(test)]
mod listening;
#[cfg(test)]
mod openness;
#[cfg(test)]
mod paths;
#[cfg(test)]
mod protocols;
#[cfg(test)]
mod proxies;
#[cfg(test)]
mod readable;
#[cfg(test)]
mod signals;
#[cfg(test)]
mod statuses;
#[cfg(test)]
mod streams;
#[cfg(test)]
mod traced;
#[cfg(test)]
mod unread;
#[cfg(test)]
mod worded;
