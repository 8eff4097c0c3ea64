# pragma version ==0.4.3
# pragma evm-version paris
"""
@title A token that calls a contract back before it moves anything
@notice For tests only.
"""

balanceOf: public(HashMap[address, uint256])
target: address
data: Bytes[8192]
tried: public(bool)
succeeded: public(bool)


@external
def mint(to: address, amount: uint256):
    self.balanceOf[to] += amount


@external
def aim(target: address, data: Bytes[8192]):
    self.target = target
    self.data = data
    self.tried = False
    self.succeeded = False


@external
def transfer(to: address, amount: uint256) -> bool:
    if self.target != empty(address):
        self.tried = True
        self.succeeded = raw_call(self.target, self.data, revert_on_failure=False)
    self.balanceOf[msg.sender] -= amount
    self.balanceOf[to] += amount
    return True
